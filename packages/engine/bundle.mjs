// Makes one file each of the engine's program and of those it starts, with all they import: read from
// some 1,400 modules, an engine takes three times as long to start. The licences of what others wrote of it go beside them.
// `npm run build` runs it after the compiler, and so does every run of the tests. What hasn't changed is left as it is;
// what has is replaced at once.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { bundledPackages, isLicensed, licensesText } from "@veneer/sdk/licenses"
import { build } from "esbuild"

const folder = import.meta.dirname

const { outputFiles, metafile } = await build({
  absWorkingDir: folder,
  entryPoints: { engine: "src/main.ts", "plugin-process": "src/plugins/child.ts", "fork-server": "src/system/fork-server-main.ts", "remote-shell": "src/environments/remote-shell.ts" },
  outdir: "dist",
  write: false,
  bundle: true,
  metafile: true,
  platform: "node",
  format: "esm",
  target: "node20.20",
  // The first two are read only for the API's documentation; pg and ssh2 ask for the others, and do without.
  external: ["@fastify/swagger", "@fastify/swagger-ui", "pg-native", "cpu-features", "*.node"],
  // CommonJS packages ask for Node's modules, and for their folder, this way.
  banner: { js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url); const __dirname = import.meta.dirname;` },
  logLevel: "warning",
})

const packages = await bundledPackages(Object.keys(metafile.inputs).map((file) => join(folder, file)), folder)
const unlicensed = packages.filter((bundled) => !isLicensed(bundled))
if (unlicensed.length > 0) throw new Error(`Without a licence these may not be passed on: ${unlicensed.map(({ title }) => title).join(", ")}.`)

for (const { path, contents } of [...outputFiles, { path: join(folder, "dist/LICENSES.txt"), contents: Buffer.from(licensesText(packages)) }]) {
  if (existsSync(path) && readFileSync(path).equals(contents)) continue
  writeFileSync(`${path}.new`, contents)
  renameSync(`${path}.new`, path)
}
