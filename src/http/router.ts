import type { Route } from './index.ts'

/** What the routes say to a request: one of them answers it, or its path is there for other methods only. */
export type Choice = { readonly route: Route } | { readonly allow: string }

/** Which route answers what. Paths are compared as they are: there are no patterns. */
export class Router {
  readonly #byPath = new Map<string, Map<string, Route>>()

  /** @param routes - A later one replaces an earlier one of the same method and path. */
  constructor(routes: Iterable<Route>) {
    for (const route of routes) {
      const methods = this.#byPath.get(route.path) ?? new Map<string, Route>()
      methods.set(route.method, route)
      this.#byPath.set(route.path, methods)
    }
  }

  /** Undefined when no route has this path. */
  choose(method: string, path: string): Choice | undefined {
    const methods = this.#byPath.get(path)
    if (methods === undefined) return undefined
    // RFC 9110 section 9.3.2: HEAD is GET without the body, which Node leaves away by itself.
    const route = methods.get(method) ?? (method === 'HEAD' ? methods.get('GET') : undefined)
    if (route !== undefined) return { route }
    const allowed = [...methods.keys(), ...(methods.has('GET') ? ['HEAD'] : [])]
    return { allow: allowed.sort().join(', ') }
  }
}
