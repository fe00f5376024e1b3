import { Type, type TUnsafe } from "typebox"
import type { FormHints, Keywords, PropertyValue, ReferenceType } from "../schema.ts"

/** Narrows what may be referred to: a value, or that of another property of the same object. */
export interface ReferenceMatches {
  environment: {
    /** Only hosts of this type. */
    hostType?: "unix" | "windows"
  }
  environmentUser: {
    hostType?: "unix" | "windows"
    /** Only users of the environment that the property named refers to. */
    environment?: PropertyValue
  }
}

/** The texts of a reference, and what it may refer to. */
export interface ReferenceOptions<T extends ReferenceType> extends Pick<FormHints, "prettyName" | "hiddenWhen"> {
  title?: string
  description?: string
  matches?: ReferenceMatches[T]
  messages?: Keywords["messages"]
}

/**
 * The schema of a reference to something the engine knows. A person gives a name or an id; the engine refuses what is not
 * there or does not match, stores the id, and hands the id to the handler.
 *
 * @example
 * Type.Object({
 *   backupHost: reference("environment", { title: "Backup host", matches: { hostType: "unix" } }),
 *   backupUser: reference("environmentUser", { title: "OS user there", matches: { environment: { property: "backupHost" } } }),
 * })
 */
export function reference<T extends ReferenceType>(referenceType: T, options: ReferenceOptions<T> = {}): TUnsafe<string> {
  return Type.Unsafe<string>({ type: "string", format: "reference", referenceType, ...options })
}
