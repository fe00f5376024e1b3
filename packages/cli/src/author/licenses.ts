import { existsSync } from "node:fs"
import { readdir, readFile } from "node:fs/promises"
import { basename, dirname, join, relative, sep } from "node:path"
import type { Bundle } from "./bundle.ts"
import type { Fault } from "./fault.ts"
import { isRecord, type Layout } from "./layout.ts"

/** A package of which text is in a plugin's bundle. */
interface BundledPackage {
  name: string
  version: string
  /** As its package.json has it: an SPDX expression. */
  license: string | undefined
  /** Its licence files, one after the other. */
  text: string
}

const RULE = "=".repeat(80)

/**
 * The licences of the packages that a plugin's bundle holds text of, as one file to go with it.
 * @returns also a fault for each package that says nothing of a licence
 */
export async function licensesOf({ files }: Bundle, { directory }: Layout): Promise<{ text: string; faults: Fault[] }> {
  const folders = new Set(files.map((file) => packageFolderOf(file, directory)).filter((folder) => folder !== undefined))
  const packages = await Promise.all([...folders].map(packageIn))
  const sorted = packages.sort((a, b) => (titleOf(a) < titleOf(b) ? -1 : 1))
  const faults = sorted.filter(({ license, text }) => license === undefined && text === "").map((bundled): Fault => ({
    place: "package.json", message: `The bundled package ${titleOf(bundled)} names no licence.`, mend: "Ask its author for one, or use another package: without a licence it may not be passed on.",
  }))
  return { text: sorted.map(entryOf).join("\n"), faults }
}

/** `node_modules/name` or `node_modules/@scope/name`, the innermost. */
const INSTALLED = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/

/** The folder of the package that a file belongs to; undefined for the plugin's own files. */
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
  const { name, version, license } = isRecord(manifest) ? manifest : {}
  const names = (await readdir(folder)).filter((file) => /^(?:licen[cs]e|copying|notice)(?:[.-]|$)/i.test(file)).sort()
  const texts = await Promise.all(names.map((file) => readFile(join(folder, file), "utf8")))
  const named = textOf(isRecord(license) ? license["type"] : license, "UNLICENSED")
  return {
    name: textOf(name, basename(folder)), version: textOf(version, "0.0.0"),
    license: named === "UNLICENSED" ? undefined : named, text: texts.map((text) => text.trim()).join("\n\n"),
  }
}

const textOf = (value: unknown, otherwise: string): string => (typeof value === "string" ? value : otherwise)

const titleOf = ({ name, version }: BundledPackage): string => `${name} ${version}`

const entryOf = (bundled: BundledPackage): string =>
  `${RULE}\n${titleOf(bundled)}: ${bundled.license ?? "see below"}\n${RULE}\n${bundled.text === "" ? "" : `\n${bundled.text}\n`}`
