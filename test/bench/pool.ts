import { execa } from "execa"

/** Bytes that a btrfs holds, of data and metadata, once everything written has reached it and everything deleted has gone. */
export async function usedBytes(pool: string): Promise<number> {
  await execa("btrfs", ["filesystem", "sync", pool])
  await execa("btrfs", ["subvolume", "sync", pool])
  await execa("btrfs", ["filesystem", "sync", pool])
  const { stdout } = await execa("btrfs", ["filesystem", "usage", "--raw", pool])
  const used = /^\s+Used:\s+(\d+)$/m.exec(stdout)?.[1]
  if (used === undefined) throw new Error(`btrfs does not say what ${pool} holds:\n${stdout}`)
  return Number(used)
}
