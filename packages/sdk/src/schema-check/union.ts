import { isDeepStrictEqual } from "node:util"
import type { PluginFault } from "../plugin-fault.ts"
import type { SchemaDocument } from "../values/document.ts"
import { propertyNames, requiredIn, typesOf } from "../values/unconditional.ts"
import { constantOf } from "../values/union.ts"
import type { Place } from "../values/walk.ts"
import { faultAt, type Rule, type Subject } from "./subject.ts"

/** Alternatives that are all of objects are a union: one property tells them apart, so that a form can offer them. */
export const unionRule: Rule = (subject, place) =>
  ["oneOf", "anyOf"].flatMap((keyword) => {
    const branches: unknown = place.schema[keyword]
    if (!Array.isArray(branches) || !branches.every((branch) => declaresObject(subject.document, branch))) return []
    return branchFaults(subject, place, keyword, branches)
  })

const declaresObject = (document: SchemaDocument, branch: unknown) => typesOf(document, branch)?.join() === "object" && propertyNames(document, branch).length > 0

function branchFaults(subject: Subject, place: Place, keyword: string, branches: readonly unknown[]): PluginFault[] {
  const { document } = subject
  if (branches.length === 1) return []
  const tag = likelyTag(document, branches)
  if (tag === undefined) return [faultAt(subject, place, `/${keyword}`, "No property tells these alternatives apart.", `Hold one property of each to a constant of its own: union("type", { … }) does.`)]
  return branches.flatMap((branch, index) => {
    const way = `/${keyword}/${index}`
    const constant = constantOf(document, branch, tag)
    if (!constant) return [faultAt(subject, place, way, `This branch does not hold "${tag}" to a constant, as the others do.`, `Add "${tag}": Type.Literal(…).`)]
    const twin = branches.findIndex((other) => isDeepStrictEqual(constantOf(document, other, tag), constant))
    if (twin < index) return [faultAt(subject, place, `${way}/properties/${tag}`, `"${tag}" is ${JSON.stringify(constant.value)} in branch ${twin}, too.`, "Give each branch another.")]
    return requiredIn(document, branch).includes(tag) ? [] : [faultAt(subject, place, way, `"${tag}" is optional here, so that a value could be of any branch.`, `Make "${tag}" required.`)]
  })
}

/** The property that most branches hold to a constant. */
function likelyTag(document: SchemaDocument, branches: readonly unknown[]): string | undefined {
  const names = branches.flatMap((branch) => propertyNames(document, branch).filter((name) => constantOf(document, branch, name)))
  const counted = [...new Set(names)].map((name) => ({ name, count: names.filter((other) => other === name).length }))
  return counted.sort((a, b) => b.count - a.count)[0]?.name
}
