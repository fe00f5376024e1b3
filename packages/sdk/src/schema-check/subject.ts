import type { PluginFault } from "../plugin-fault.ts"
import type { SchemaDocument } from "../values/document.ts"
import type { Place } from "../values/walk.ts"

/** The six schemas a plugin declares. */
export const schemaNames = ["repository", "sourceConfig", "linkedSource", "virtualSource", "snapshot", "snapshotParameters"] as const

/** One of them while it is checked. */
export interface Subject {
  name: (typeof schemaNames)[number]
  document: SchemaDocument
  /** Itself and every schema in it. */
  places: readonly Place[]
}

/** Looks at one schema within a subject. */
export type Rule = (subject: Subject, place: Place) => PluginFault[]

/** A JSON pointer into the plugin's declaration. */
export const pointerOf = ({ name }: Pick<Subject, "name">, pointer: string): string => `/schemas/${name}${pointer}`

/** All faults of one kind stand at one keyword: what is wrong there, and how to mend it. */
export const faultAt = (subject: Subject, { pointer }: Place, way: string, message: string, mend: string): PluginFault => ({ place: pointerOf(subject, pointer + way), message, mend })
