import { existsSync, readFileSync } from "node:fs"
import { builtinModules } from "node:module"
import { dirname, join, relative } from "node:path"
import ts from "typescript"

interface Manifest {
  name: string
  exports?: Record<string, Record<string, string>>
  bin?: Record<string, string>
  dependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
}

/**
 * What an unpacked package asks for and doesn't bring: files that what it exports imports, however far, for running and for
 * types, and packages it doesn't declare.
 */
export function missingFrom(folder: string): string[] {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest
  const declared = new Set([manifest.name, ...Object.keys(manifest.dependencies ?? {}), ...Object.keys(manifest.peerDependencies ?? {})])
  const queue = [...Object.values(manifest.exports ?? {}).flatMap((targets) => Object.values(targets)), ...Object.values(manifest.bin ?? {})].map((path) => join(folder, path))
  const seen = new Set<string>()
  const missing: string[] = []
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    if (!existsSync(file)) {
      missing.push(relative(folder, file))
      continue
    }
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith(".")) queue.push(resolved(file, specifier))
      else if (!specifier.startsWith("node:") && !builtinModules.includes(specifier) && !declared.has(packageOf(specifier))) missing.push(`${relative(folder, file)} imports ${specifier}`)
    }
  }
  return missing
}

/** As the compiler reads them: bundles hold texts of programs, too. */
const importsOf = (file: string): string[] => ts.preProcessFile(readFileSync(file, "utf8")).importedFiles.map(({ fileName }) => fileName)

/** Declarations name the sources they were made of. */
function resolved(from: string, specifier: string): string {
  const path = join(dirname(from), specifier)
  return from.endsWith(".d.ts") ? path.replace(/\.(?:ts|js)$/, ".d.ts") : path
}

const packageOf = (specifier: string): string => specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/")
