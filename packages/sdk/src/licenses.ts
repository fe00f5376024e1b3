// Reads files of packages; for programs that bundle, never for a plugin's own process.
import { existsSync } from "node:fs"
import { readdir, readFile } from "node:fs/promises"
import { basename, dirname, join, relative, sep } from "node:path"
import { isObject } from "./values/schema.ts"

/** A package of which text is in a bundle. */
export interface BundledPackage {
  /** Name and version. */
  title: string
  /** As its package.json has it: an SPDX expression. */
  license: string | undefined
  /** Its licence files, one after the other; empty when it has none. */
  text: string
}

const RULE = "=".repeat(80)

/**
 * The packages that a bundle holds text of, by title.
 * @param files absolute paths of the files that it was made of
 * @param directory the folder whose own files are no package's
 */
export async function bundledPackages(files: readonly string[], directory: string): Promise<BundledPackage[]> {
  const folders = new Set(files.map((file) => packageFolderOf(file, directory)).filter((folder) => folder !== undefined))
  return (await Promise.all([...folders].map(packageIn))).sort((a, b) => (a.title < b.title ? -1 : 1))
}

/** Whether a package says under which licence it may be passed on. */
export const isLicensed = ({ license, text }: BundledPackage): boolean => license !== undefined || text !== ""

/** The licences of bundled packages as one text, to go with the bundle. */
export const licensesText = (packages: readonly BundledPackage[]): string => [...new Set(packages.map(entryOf))].join("\n")

/** `node_modules/name` or `node_modules/@scope/name`, the innermost. */
const INSTALLED = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/

/** The folder of the package that a file belongs to; undefined for the bundle's own files. */
function packageFolderOf(file: string, directory: string): string | undefined {
  const inside = relative(directory, file)
  if (!inside.startsWith("..") && !inside.split(sep).includes("node_modules")) return undefined
  const installed = INSTALLED.exec(file)?.[0]
  if (installed !== undefined) return installed
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) if (existsSync(join(folder, "package.json"))) return folder
  return undefined
}

async function packageIn(folder: string): Promise<BundledPackage> {
  const manifest: unknown = JSON.parse(await readFile(join(folder, "package.json"), "utf8"))
  const { name, version, license } = isObject(manifest) ? manifest : {}
  const names = (await readdir(folder)).filter((file) => /^(?:licen[cs]e|copying|notice)(?:[.-]|$)/i.test(file)).sort()
  const texts = await Promise.all(names.map((file) => readFile(join(folder, file), "utf8")))
  const named = textOf(isObject(license) ? license["type"] : license, "UNLICENSED")
  return {
    title: `${textOf(name, basename(folder))} ${textOf(version, "0.0.0")}`,
    license: named === "UNLICENSED" ? undefined : named, text: texts.map((text) => text.trim()).join("\n\n"),
  }
}

const textOf = (value: unknown, otherwise: string): string => (typeof value === "string" ? value : otherwise)

const entryOf = ({ title, license, text }: BundledPackage): string => `${RULE}\n${title}: ${license ?? "see below"}\n${RULE}\n${text === "" ? "" : `\n${text}\n`}`
