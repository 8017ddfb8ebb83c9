/** What a screen shows, as pixels. */

export interface Picture {
  readonly width: number
  readonly height: number
  /** Red, green, blue: three bytes for each pixel, row by row. */
  readonly pixels: Uint8Array
}

/** Reads a binary PPM with 8 bits for each colour, as QEMU's `screendump` writes it (ppm(5)). */
export function parsePpm(bytes: Uint8Array): Picture {
  const header = Buffer.from(bytes.subarray(0, 64)).toString('latin1')
  const match = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(header)
  if (!match) throw new Error(`not a PPM: ${JSON.stringify(header.slice(0, 20))}`)
  return { width: Number(match[1]), height: Number(match[2]), pixels: bytes.subarray(match[0].length) }
}

type Colour = readonly [red: number, green: number, blue: number]

/** Which part of the pixels has about this colour, from 0 to 1. */
export function shareOf(picture: Picture, colour: Colour): number {
  return countOf(picture.pixels, colour) / (picture.width * picture.height)
}

/** Rows of pixels one below the other of which each has about one colour in a third of its width: a bar, no text. */
export interface Bar {
  /** The first of them; 0 is the top of the picture. */
  readonly from: number
  readonly rows: number
}

/** The thickest bar of about this colour. */
export function barOf({ width, height, pixels }: Picture, colour: Colour): Bar {
  let rows = 0
  let thickest: Bar = { from: 0, rows: 0 }
  for (let row = 0; row < height; row++) {
    const count = countOf(pixels.subarray(row * width * 3, (row + 1) * width * 3), colour)
    rows = count > width / 3 ? rows + 1 : 0
    if (rows > thickest.rows) thickest = { from: row + 1 - rows, rows }
  }
  return thickest
}

function countOf(pixels: Uint8Array, [red, green, blue]: Colour): number {
  const isNear = (value: number | undefined, wanted: number) => Math.abs((value ?? 0) - wanted) <= 8
  let count = 0
  for (let at = 0; at < pixels.length; at += 3) {
    if (isNear(pixels[at], red) && isNear(pixels[at + 1], green) && isNear(pixels[at + 2], blue)) count++
  }
  return count
}
