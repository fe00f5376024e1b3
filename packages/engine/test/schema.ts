import { sql, type Kysely } from "kysely"
import type { Tables } from "../src/catalog/schema.ts"

/** The catalog's tables, columns, constraints and indexes as text, the same on every PostgreSQL version. */
export async function describeSchema(db: Kysely<Tables>): Promise<string> {
  const { rows } = await sql<{ line: string }>`
    select format('%s.%s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), case when a.attnotnull then ' not null' else '' end,
      coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), case a.attidentity when '' then '' else ' identity' end)) as line
    from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
    union all select format('%s: %s', conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'
    union all select indexdef from pg_indexes where schemaname = 'public'
    order by 1`.execute(db)
  return rows.map(({ line }) => `${line}\n`).join("")
}
