import { promisify } from "node:util"
import { gzip } from "node:zlib"
import { Header } from "tar"

const BLOCK = 512

/**
 * Files as a compressed tar archive that depends on nothing but their paths and contents: sorted, without times, owners
 * or modes of their own.
 */
export async function pack(files: ReadonlyMap<string, Buffer>): Promise<Buffer> {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1))
  const blocks = sorted.flatMap(([path, content]) => [headerOf(path, content.length), content, Buffer.alloc(-content.length & (BLOCK - 1))])
  return promisify(gzip)(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]), { level: 9 })
}

function headerOf(path: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK)
  const header = new Header({ path, size, mode: 0o644, uid: 0, gid: 0, uname: "", gname: "", mtime: new Date(0), type: "File" })
  if (header.encode(block)) throw new Error(`The path ${path} is too long for an artifact.`)
  return block
}
