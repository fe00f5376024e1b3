import type { Connection } from "./run.ts"
import type { Secret } from "./secret.ts"

/** What `files.stat` says of a file or directory. */
export interface FileFacts {
  kind: "file" | "directory" | "other"
  sizeBytes: number
  /** Permission bits, such as `0o640`. */
  mode: number
  uid: number
  gid: number
  /** When its content last changed. */
  modifiedAt: Date
}

/**
 * Small files on a host, read and written as the connection's OS user: configuration, credentials, marks. What is larger than
 * 4 MiB is work for a script, or for `run.sync`.
 */
export interface Files {
  /**
   * Reads a file of UTF-8 text whole, following symbolic links.
   * @param options.maxBytes refuse a larger one; 4 MiB, which is also the most
   * @throws an error with the code `file_missing`, `file_denied`, or `file_unusable` (a directory, too large, no UTF-8)
   */
  read(connection: Connection, path: string, options?: { maxBytes?: number }): Promise<string>
  /** The same for a file of any bytes. */
  readBytes(connection: Connection, path: string, options?: { maxBytes?: number }): Promise<Uint8Array>
  /**
   * Writes a file in one go: whoever reads it finds the old content or the new one. It belongs to the connection's OS user. A
   * symbolic link is replaced, not followed.
   * @param content text is written as UTF-8; at most 4 MiB
   * @param options.mode permission bits; those of the file that is there, else `0o600`
   * @throws an error with the code `file_missing` (no such directory), `file_denied` or `file_unusable`
   */
  write(connection: Connection, path: string, content: string | Uint8Array | Secret, options?: { mode?: number }): Promise<void>
  /** What is at a path, following symbolic links; undefined where nothing is. @throws an error with the code `file_denied` */
  stat(connection: Connection, path: string): Promise<FileFacts | undefined>
}
