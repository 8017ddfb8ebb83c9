import type { ClientReport } from '../../client/contract.ts'
import type { Route } from './index.ts'
import { parseReport } from './report.ts'

/**
 * Where machines post their steps.
 *
 * @param size - Bytes that a report may have.
 */
export function reportRoute(size: number, onReport: (report: ClientReport, from: string) => void): Route {
  return {
    method: 'POST',
    path: '/report',
    async handle(exchange) {
      const body = await exchange.readText(size)
      if (body === undefined) return
      const report = parseReport(body)
      if (typeof report === 'string') return exchange.refuse(400, report)
      onReport(report, exchange.remote.address)
      exchange.response.writeHead(204)
    },
  }
}
