/** In place of terminal-size: Ink's output says its size itself. */
export default () => ({ columns: 80, rows: 24 })
