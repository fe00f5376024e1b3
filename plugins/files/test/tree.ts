import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { chmodSync, chownSync, linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, realpathSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const IS_ROOT = process.getuid?.() === 0

/** Names that a shell, an option parser or a list of lines could stumble over. */
export const HOSTILE = ["two\nlines", "two  spaces", "-rf", "--delete", "'single' \"double\"", "$(reboot) `reboot` ; &", "back\\slash", "star*?[a]", "~", "#", "Ünïcödé", ".hidden"]

/** Fills a directory with what directories hold. */
export function makeTree(root: string): void {
  mkdirSync(join(root, "sub/empty"), { recursive: true })
  for (const name of HOSTILE) writeFileSync(join(root, name), `I am ${name}\n`)
  writeFileSync(join(root, "sub/private"), "mine", { mode: 0o600 })
  writeFileSync(join(root, "sub/program"), "#!/bin/sh\n", { mode: 0o755 })
  linkSync(join(root, "sub/private"), join(root, "sub/same"))
  symlinkSync("private", join(root, "sub/relative"))
  symlinkSync("/nonexistent", join(root, "sub/dangling"))
  execFileSync("setfattr", ["--name", "user.colour", "--value", "blue", join(root, "sub/program")])
  writeFileSync(join(root, "sparse"), "begin")
  truncateSync(join(root, "sparse"), 50_000_000)
  if (IS_ROOT) {
    chownSync(join(root, "sub/private"), 4321, 1234)
    chmodSync(join(root, "sub/private"), 0o4640)
    chmodSync(join(root, "sub/empty"), 0o3775)
  }
  for (const [index, name] of ["sub/private", "sub", "-rf"].entries()) utimesSync(join(root, name), 1_600_000_000 + index + 0.123456, 1_600_000_000 + index + 0.123456)
}

/** Each file of a tree and all that can be told of it, but when it was last read. */
export function listing(directory: string): Record<string, unknown> {
  const root = realpathSync(directory)
  const paths = ["", ...readdirSync(root, { recursive: true, encoding: "utf8" })].sort()
  return Object.fromEntries(paths.map((path) => [path, factsOf(join(root, path))]))
}

function factsOf(path: string) {
  const { mode, uid, gid, mtimeNs, nlink, size, blocks } = lstatSync(path, { bigint: true })
  const [isFile, isLink] = [lstatSync(path).isFile(), lstatSync(path).isSymbolicLink()]
  return {
    mode: mode.toString(8), uid, gid, mtimeNs,
    ...(isFile && { nlink, size, hasHoles: blocks * 512n < size / 2n, digest: createHash("sha256").update(readFileSync(path)).digest("hex"), attributes: attributesOf(path) }),
    ...(isLink && { to: readlinkSync(path) }),
  }
}

/** Those that users set. */
const attributesOf = (path: string) => execFileSync("getfattr", ["--absolute-names", "--dump", "--only-values", "--", path], { encoding: "utf8" })
