/** Small helpers. Text only ever goes in as text. */

/** The element of the page with this id, which is in index.html. */
export function byId<Type extends Element = HTMLElement>(id: string): Type {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`the page has no #${id}`)
  return element as unknown as Type
}

export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className = '',
  text = '',
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  if (className !== '') element.className = className
  if (text !== '') element.textContent = text
  return element
}

/** Changes a text only when it is another one: the browser would lay out the page again for nothing. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

export function setData(element: HTMLElement | SVGElement, name: string, value: string | undefined): void {
  if (value === undefined) delete element.dataset[name]
  else if (element.dataset[name] !== value) element.dataset[name] = value
}

/** `14:03:07`, in the time zone of whoever looks. */
export function clock(time: number): string {
  const date = new Date(time)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}
