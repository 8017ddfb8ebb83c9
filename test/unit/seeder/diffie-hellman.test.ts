import crypto from 'node:crypto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { shareKeyExchanges } from '../../../src/seeder/diffie-hellman.ts'

/** The prime of encrypted handshakes (MSE), and its generator. */
const PRIME =
  'ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a63a36210000000000090563'
const GENERATOR = 2

const original = crypto.createDiffieHellman
const create = vi.fn(original as (...words: unknown[]) => crypto.DiffieHellman)

beforeEach(() => {
  create.mockClear()
  Object.assign(crypto, { createDiffieHellman: create })
  shareKeyExchanges()
})

afterEach(() => {
  Object.assign(crypto, { createDiffieHellman: original })
})

test('the prime is checked once, however many peers connect', () => {
  for (let peer = 0; peer < 100; peer += 1) crypto.createDiffieHellman(PRIME, 'hex', GENERATOR).generateKeys()
  expect(create).toHaveBeenCalledTimes(1)
})

test('every peer agrees with us on a secret of its own', () => {
  const secrets = [1, 2].map(() => {
    const peer = original(PRIME, 'hex', GENERATOR)
    const peerKey = peer.generateKeys()
    const ours = crypto.createDiffieHellman(PRIME, 'hex', GENERATOR)
    const secret = ours.computeSecret(peerKey)
    expect(secret.equals(peer.computeSecret(ours.generateKeys()))).toBe(true)
    return secret.toString('hex')
  })
  expect(secrets[0]).not.toBe(secrets[1])
})
