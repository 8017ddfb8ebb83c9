import crypto, { type DiffieHellman } from 'node:crypto'

/**
 * Encrypted handshakes (MSE) all use one fixed prime. OpenSSL checks a prime whenever a key exchange is created with it,
 * which blocks this thread for some 20 ms, and a room full of machines connects at once. So the key exchange is created
 * once for each prime and shared, its key pair too: the encryption only hides the protocol, it does not keep secrets.
 */
export function shareKeyExchanges(): void {
  const create = crypto.createDiffieHellman
  const exchanges = new Map<string, SharedExchange>()

  const createShared = (prime: string, encoding: 'hex', generator: number) => {
    const known = exchanges.get(prime)
    if (known !== undefined) return known
    const exchange = share(create(prime, encoding, generator))
    exchanges.set(prime, exchange)
    return exchange
  }
  Object.assign(crypto, { createDiffieHellman: createShared })
}

interface SharedExchange {
  generateKeys(): Buffer
  computeSecret(otherPublicKey: Uint8Array): Buffer
}

function share(exchange: DiffieHellman): SharedExchange {
  const publicKey = exchange.generateKeys()
  return {
    generateKeys: () => publicKey,
    computeSecret: (otherPublicKey) => exchange.computeSecret(otherPublicKey),
  }
}
