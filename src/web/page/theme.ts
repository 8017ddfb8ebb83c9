/** Light or dark: as the system has it, until somebody chooses. */

const STORED = 'boottorrent-theme'

export function applyTheme(): void {
  document.documentElement.dataset.theme = chosen() ?? (prefersDark() ? 'dark' : 'light')
}

export function nextTheme(): void {
  localStorage.setItem(STORED, document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark')
  applyTheme()
}

function chosen(): string | undefined {
  const stored = localStorage.getItem(STORED)
  return stored === 'light' || stored === 'dark' ? stored : undefined
}

function prefersDark(): boolean {
  return matchMedia('(prefers-color-scheme: dark)').matches
}
