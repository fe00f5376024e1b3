-- Writes a job; one that may run at once is the engine's from the start, so that it need not be looked for. One call is one round trip.
create function write_job(new_id text, new_kind text, new_request jsonb, new_locks text[], new_object_kind text, new_object_id text, new_object_name text, engine text, lease interval)
returns setof jobs language plpgsql as $$
declare
  free boolean;
begin
  perform pg_advisory_xact_lock(x'766e7263'::int);
  free := not exists (select from jobs where locks && new_locks and state in ('queued', 'running', 'undoing'));
  return query insert into jobs (id, kind, request, locks, object_kind, object_id, object_name, state, fence, engine_id, lease_until, started_at)
    select new_id, new_kind, new_request, new_locks, new_object_kind, new_object_id, new_object_name, own.* from (
      select 'running', 1, engine, clock_timestamp() + lease, clock_timestamp() where free
      union all select 'queued', 0, null, null, null where not free) own
    returning *;
end $$;

-- Takes the oldest job that may run: queued, or left by an engine whose lease ran out, with no lock that a running or older waiting job holds. Claims
-- and writes come one after another ("vnrc" in ASCII is their lock); each statement in here sees what those before it did.
drop function claim_job(text, interval, text);
create function claim_job(engine text, lease interval) returns setof jobs language plpgsql as $$
declare
  job jobs;
begin
  perform pg_advisory_xact_lock(x'766e7263'::int);
  update jobs set engine_id = engine, fence = fence + 1, lease_until = clock_timestamp() + lease,
    state = case state when 'queued' then 'running' else state end, started_at = coalesce(started_at, clock_timestamp())
  where id = (
    select id from jobs j
    where (j.state = 'queued' or (j.state in ('running', 'undoing') and j.lease_until < clock_timestamp()))
      and not exists (
        select from jobs other
        where other.id <> j.id and other.locks && j.locks
          and (other.state in ('running', 'undoing') or (other.state = 'queued' and (other.created_at, other.id) < (j.created_at, j.id)))
          and j.state = 'queued')
    order by created_at, id limit 1)
  returning * into job;
  if found then
    return next job;
  end if;
end $$;
