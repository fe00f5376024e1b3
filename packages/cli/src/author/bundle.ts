import { context, type BuildFailure, type Message, type Metafile } from "esbuild"
import { createRequire } from "node:module"
import { join, resolve } from "node:path"
import type { Fault } from "./fault.ts"

/** CommonJS packages in the bundle ask for Node's modules this way. */
const BANNER = `import { createRequire as veneerCreateRequire } from "node:module"; globalThis.require ??= veneerCreateRequire(import.meta.url);`

/** A plugin's code as one ES module. */
export interface Bundle {
  code: string
  /** Its source map, as JSON; paths in it are relative to the folder bundled in. */
  map: string
  /** Absolute paths of the files that text in it comes from. */
  files: readonly string[]
}

/** Bundles the same entry again and again, each time reading only what changed. */
export interface Bundler {
  /** @throws BundleError */
  bundle(): Promise<Bundle>
  dispose(): Promise<void>
}

/** Makes a bundler of an entry file and all it imports. What it makes depends on their contents only, not on where they are. */
export async function createBundler(entry: string, directory: string): Promise<Bundler> {
  const build = await context({
    entryPoints: [entry], absWorkingDir: directory, nodePaths: fallbackModules(), outfile: join(directory, "plugin.js"), write: false, bundle: true,
    platform: "node", format: "esm", target: "node20", banner: { js: BANNER },
    // Comments and names that esbuild makes of paths would differ from folder to folder.
    minifyWhitespace: true, lineLimit: 160, legalComments: "none", charset: "utf8", sourcemap: "external", sourcesContent: false, metafile: true, logLevel: "silent",
  })
  return {
    bundle: async () => {
      try {
        const { outputFiles, metafile } = await build.rebuild()
        const textOf = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? ""
        return { code: textOf(".js"), map: textOf(".js.map"), files: filesOf(metafile).map((file) => resolve(directory, file)) }
      } catch (error) {
        if (isBuildFailure(error)) throw new BundleError(error.errors.map((message) => faultOf(message, directory)))
        throw error
      }
    },
    dispose: () => build.dispose(),
  }
}

/** Bundles once. @throws BundleError */
export async function bundle(entry: string, directory: string): Promise<Bundle> {
  const bundler = await createBundler(entry, directory)
  try {
    return await bundler.bundle()
  } finally {
    await bundler.dispose()
  }
}

/** A plugin that can't be bundled: each fault with its file, line and column. */
export class BundleError extends Error {
  override readonly name = "BundleError"
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    super(faults.map(({ place, message }) => `${place}: ${message}`).join("\n"))
    this.faults = faults
  }
}

const filesOf = ({ outputs }: Metafile) =>
  Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file))

const isBuildFailure = (error: unknown): error is BuildFailure => error instanceof Error && "errors" in error && Array.isArray(error.errors)

function faultOf({ location, text }: Message, directory: string): Fault {
  const place = location ? `${location.file}:${location.line}:${location.column + 1}` : directory
  return { place, message: text, mend: "Mend the code there." }
}

/** A plugin that has no SDK installed beside it is built with this CLI's. */
const fallbackModules = () => createRequire(import.meta.url).resolve.paths("@veneer/sdk") ?? []
