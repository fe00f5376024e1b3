import { stripVTControlCharacters } from "node:util"

/** Controls (C0, DEL, C1) and what turns the direction of text around: a terminal would obey them. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const HOSTILE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Text from elsewhere, safe to print on a terminal. Line breaks and tabs stay. */
export const clean = (text: string): string => stripVTControlCharacters(text).replaceAll(HOSTILE, "\u{fffd}")

/** The same, on one line. */
export const cleanLine = (text: string): string => clean(text).replaceAll(/[\t\n\u2028\u2029]+/g, " ")

/** One JSON document in which those characters are escaped; its value is the same. */
export const cleanJson = (value: unknown): string =>
  JSON.stringify(value, undefined, 2).replaceAll(/[\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`)
