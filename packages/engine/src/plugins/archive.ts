import { artifactLimits } from "@veneer/sdk/artifact"
import { promisify } from "node:util"
import { gunzip } from "node:zlib"
import { Parser, type ReadEntry } from "tar"
import { EngineError } from "../errors.ts"

/** Headers and padding of so many files, in an archive. */
const OVERHEAD_BYTES = artifactLimits.files * 2_048 + 1_048_576

const invalid = (what: string, cause?: unknown) => new EngineError("artifact_invalid", `The artifact ${what}.`, { cause })

/**
 * The files of a packed artifact, by path, once none of them can do harm: plain files only, inside, within the limits.
 * @throws EngineError `artifact_invalid`
 */
export async function readArchive(packed: Buffer): Promise<ReadonlyMap<string, Buffer>> {
  if (packed.length > artifactLimits.packedBytes) throw invalid("is larger than 64 MiB")
  return entriesOf(await unpacked(packed))
}

async function unpacked(packed: Buffer): Promise<Buffer> {
  try {
    return await promisify(gunzip)(packed, { maxOutputLength: artifactLimits.unpackedBytes + OVERHEAD_BYTES })
  } catch (error) {
    if (error instanceof RangeError) throw invalid("unpacks to more than 256 MiB", error)
    throw invalid("is not a gzip-compressed tar file", error)
  }
}

function entriesOf(archive: Buffer): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>()
  return new Promise((resolve, reject) => {
    const parser = new Parser({
      strict: true,
      onReadEntry: (entry) => {
        try {
          take(entry, files)
        } catch (error) {
          reject(error)
        }
        entry.resume()
      },
    })
    parser.on("error", (error: Error) => reject(invalid(`is not a sound tar file: ${error.message}`, error)))
    parser.on("end", () => resolve(files))
    parser.end(archive)
  })
}

/** The whole archive is in memory within its limit, so that an entry's size needs no limit of its own. */
function take(entry: ReadEntry, files: Map<string, Buffer>): void {
  check(entry, files)
  if (entry.type === "Directory") return
  const chunks: Buffer[] = []
  files.set(entry.path, Buffer.alloc(0))
  entry.on("data", (chunk: Buffer) => chunks.push(chunk))
  entry.on("end", () => files.set(entry.path, Buffer.concat(chunks)))
}

function check({ type, path }: ReadEntry, files: ReadonlyMap<string, Buffer>): void {
  if (type !== "File" && type !== "Directory") throw invalid(`holds ${JSON.stringify(path)}, which is neither file nor directory (${type})`)
  if (!isInside(type === "Directory" ? path.replace(/\/$/, "") : path)) throw invalid(`holds the path ${JSON.stringify(path)}`)
  if (files.has(path)) throw invalid(`holds ${path} twice`)
  if (files.size >= artifactLimits.files) throw invalid("holds more than 2,000 files")
}

/** A relative path of ordinary names. */
function isInside(path: string): boolean {
  return path.length <= 200 && path.split("/").every((name) => /^[A-Za-z0-9_@+-][A-Za-z0-9_@+.-]*$/.test(name))
}
