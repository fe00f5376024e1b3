import type { PluginFault } from "@veneer/sdk"
import { build, type BuildFailure, type Message } from "esbuild"
import { createRequire } from "node:module"

/** CommonJS packages in the bundle ask for Node's modules this way. */
const BANNER = `import { createRequire as veneerCreateRequire } from "node:module"; globalThis.require ??= veneerCreateRequire(import.meta.url);`

/**
 * One ES module of an entry file and all it imports. It depends on their contents only, not on where they are.
 * @throws BundleError
 */
export async function bundle(entry: string, directory: string): Promise<string> {
  try {
    const { outputFiles } = await build({
      entryPoints: [entry], absWorkingDir: directory, nodePaths: fallbackModules(), write: false, bundle: true,
      platform: "node", format: "esm", target: "node20", banner: { js: BANNER },
      // Comments and names that esbuild makes of paths would differ from folder to folder.
      minifyWhitespace: true, lineLimit: 160, legalComments: "none", charset: "utf8", sourcemap: false, logLevel: "silent",
    })
    const [file] = outputFiles
    return file?.text ?? ""
  } catch (error) {
    if (isBuildFailure(error)) throw new BundleError(error.errors.map((message) => faultOf(message, directory)))
    throw error
  }
}

/** A plugin that can't be bundled: each fault with its file, line and column. */
export class BundleError extends Error {
  override readonly name = "BundleError"
  readonly faults: readonly PluginFault[]

  constructor(faults: readonly PluginFault[]) {
    super(faults.map(({ place, message }) => `${place}: ${message}`).join("\n"))
    this.faults = faults
  }
}

const isBuildFailure = (error: unknown): error is BuildFailure => error instanceof Error && "errors" in error && Array.isArray(error.errors)

function faultOf({ location, text }: Message, directory: string): PluginFault {
  const place = location ? `${location.file}:${location.line}:${location.column + 1}` : directory
  return { place, message: text, mend: "Mend the code there." }
}

/** A plugin that has no SDK installed beside it is built with this CLI's. */
const fallbackModules = () => createRequire(import.meta.url).resolve.paths("@veneer/sdk") ?? []
