/**
 * The dashboard of a room in a terminal. Ink and React are loaded with this folder, so only whoever shows it imports it.
 *
 * ```ts
 * const { renderDashboard } = await import('./dashboard/index.ts')
 * await using dashboard = renderDashboard(server, { terminal, level: 'info', quit: () => stop.abort() })
 * dashboard.log({ level: 'info', event: 'lesson.began', message: 'The lesson has begun' })
 * ```
 */
export { type Dashboard, type DashboardOptions, renderDashboard, type ShownServer } from './render.tsx'
