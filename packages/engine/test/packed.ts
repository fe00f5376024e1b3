import { createHash } from "node:crypto"
import { gzipSync } from "node:zlib"
import { Header, type HeaderData } from "tar"

/** One entry of an archive. */
export interface Entry {
  path: string
  content?: string
  type?: HeaderData["type"]
  linkpath?: string
}

/** An archive as an attacker may write it, too. */
export function archive(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({ path, content = "", type = "File", linkpath }) => {
    const header = Buffer.alloc(512)
    const data = Buffer.from(content)
    new Header({ path, size: data.length, mode: 0o644, uid: 0, gid: 0, mtime: new Date(0), type, ...(linkpath !== undefined && { linkpath }) }).encode(header)
    return [header, data, Buffer.alloc(-data.length & 511)]
  })
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]))
}

/** In hex, as manifests name files. */
export const sha256 = (text: string | Uint8Array) => createHash("sha256").update(text).digest("hex")
const none = { type: "object", properties: {} }

const manifest = {
  format: 1, id: "tiny", name: "Tiny", version: "1.0.0", buildNumber: "1", sdk: "^0.1.0", hostTypes: ["unix"], ingestion: "staged", manualSourceConfigs: true,
  schemas: { repository: none, sourceConfig: none, linkedSource: none, virtualSource: none, snapshot: none, snapshotParameters: none },
  operations: ["virtual.configure"], migrations: [],
}

/** A sound artifact, changed as the test asks. */
export function artifact(changes: { manifest?: object; entries?: readonly Entry[]; checksums?: Record<string, string> } = {}): Buffer {
  const files: Entry[] = [{ path: "plugin.js", content: "export default {}\n" }, { path: "scripts/a.sh", content: ":\n" }, ...(changes.entries ?? [])]
  const checksums = { ...Object.fromEntries(files.filter(({ type = "File" }) => type === "File").map(({ path, content = "" }) => [path, sha256(content)])), ...changes.checksums }
  return archive([{ path: "manifest.json", content: JSON.stringify({ ...manifest, checksums, ...changes.manifest }) }, ...files])
}
