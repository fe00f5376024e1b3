import { gunzipSync, gzipSync } from "node:zlib"
import { archive, artifact, sha256, type Entry } from "../../packages/engine/test/packed.ts"

const including = (path: string, more: Omit<Entry, "path"> = {}) => () => artifact({ entries: [{ path, ...more }] })

/** What is wrong with an artifact, its bytes, and a part of what is said of it. */
export const artifacts: [what: string, packed: () => Buffer, said: string][] = [
  ["no gzip", () => Buffer.from("hello"), "not a gzip-compressed tar"],
  ["no tar", () => gzipSync(Buffer.from("x".repeat(2_000))), "not a sound tar"],
  ["a tar that is cut off", () => gzipSync(gunzipSync(artifact()).subarray(0, 700)), "not a sound tar"],
  ["no manifest", () => archive([{ path: "plugin.js" }]), "manifest.json"],
  ["a manifest that is no JSON", () => archive([{ path: "manifest.json", content: "{" }]), "not JSON"],
  ["an id that is none", () => artifact({ manifest: { id: "Not An Id" } }), "/id must match pattern"],
  ["a field of the manifest that nobody knows", () => artifact({ manifest: { surplus: 1 } }), "/surplus is not a known field"],
  ["another format", () => artifact({ manifest: { format: 2 } }), "/format must be 1"],
  ["five schemas", () => artifact({ manifest: { schemas: {} } }), "/schemas/repository is required"],
  ["a wrong checksum", () => artifact({ checksums: { "plugin.js": sha256("else") } }), "the checksum differs"],
  ["a file without a checksum", () => artifact({ manifest: { checksums: { "plugin.js": sha256("export default {}\n") } } }), "scripts/a.sh, which its manifest does not name"],
  ["a missing file", () => artifact({ checksums: { "scripts/b.sh": sha256("") } }), "has no scripts/b.sh"],
  ["an absolute path", including("/etc/cron.d/x"), '"/etc/cron.d/x"'],
  ["a path that leaves", including("scripts/../../x.sh"), '"scripts/../../x.sh"'],
  ["a path that goes nowhere", including("scripts/./x.sh"), '"scripts/./x.sh"'],
  ["a path with a backslash", including(String.raw`scripts\x.sh`), "the path"],
  ["a path with a line break", including("scripts/a\n.sh"), "the path"],
  ["a hidden file", including(".npmrc"), '".npmrc"'],
  ["a symbolic link", including("scripts/l.sh", { type: "SymbolicLink", linkpath: "/etc/shadow" }), "neither file nor directory"],
  ["a hard link", including("scripts/l.sh", { type: "Link", linkpath: "plugin.js" }), "neither file nor directory"],
  ["a device", including("scripts/null", { type: "CharacterDevice" }), "neither file nor directory"],
  ["a disk", including("scripts/sda", { type: "BlockDevice" }), "neither file nor directory"],
  ["a pipe", including("scripts/pipe", { type: "FIFO" }), "neither file nor directory"],
  ["a file twice", () => artifact({ entries: [{ path: "scripts/a.sh", content: ":\n" }] }), "holds scripts/a.sh twice"],
  ["too many files", () => artifact({ entries: Array.from({ length: 2_100 }, (_, index) => ({ path: `scripts/${index}.sh` })) }), "more than 2,000 files"],
  ["a bomb", () => gzipSync(Buffer.alloc(300 * 1024 * 1024)), "more than 256 MiB"],
  ["a newer SDK", () => artifact({ manifest: { sdk: "^9.0.0" } }), "asks for the SDK ^9.0.0; this engine has"],
  ["an older SDK", () => artifact({ manifest: { sdk: "~0.0.1" } }), "asks for the SDK ~0.0.1; this engine has"],
  ["an SDK that is no range", () => artifact({ manifest: { sdk: "newest" } }), "no range of versions"],
]
