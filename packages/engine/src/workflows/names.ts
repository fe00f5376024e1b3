import type { DsourceRecord } from "../catalog/dsources.ts"
import type { VdbRecord } from "../catalog/vdbs.ts"

/** The writable dataset a dSource is ingested into. */
export const liveDataset = (dsource: Pick<DsourceRecord, "id">): string => `dsource/${dsource.id}/live`

/** What the live dataset held before it was begun anew, for as long as that may fail. */
export const formerDataset = (dsource: Pick<DsourceRecord, "id">): string => `dsource/${dsource.id}/former`

/** The writable dataset of one generation of a VDB. */
export const vdbDataset = (vdb: Pick<VdbRecord, "id" | "generation">): string => `vdb/${vdb.id}/g${vdb.generation}`

/** A snapshot as it was taken. */
export const snapshotDataset = (snapshotId: string): string => `snapshot/${snapshotId}`

/** The clone of a snapshot that the plugin's `publish` works on. */
export const publishDataset = (snapshotId: string): string => `publish/${snapshotId}`

/** What `publish` made of a snapshot. */
export const imageDataset = (snapshotId: string): string => `image/${snapshotId}`

/** Who reserved ports and detached runs belong to. */
export const ownerOf = (kind: "dsource" | "vdb", id: string): string => `${kind}/${id}`
