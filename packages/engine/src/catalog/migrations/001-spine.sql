create table plugins (
  id          text primary key,
  manifest    jsonb not null,
  artifact    text not null,
  uploaded_at timestamptz not null default now()
);

create table pools (
  name       text primary key,
  settings   jsonb not null,
  created_at timestamptz not null default now()
);

create table environments (
  id           text primary key,
  name         text not null unique,
  kind         text not null check (kind in ('local')),
  os_user      text,
  created_at   timestamptz not null default now(),
  refreshed_at timestamptz
);

create table repositories (
  id             text primary key,
  environment_id text not null references environments on delete cascade,
  plugin_id      text not null references plugins,
  identity       text not null,
  name           text not null,
  definition     jsonb not null,
  vanished_at    timestamptz,
  unique (environment_id, plugin_id, identity)
);

create table source_configs (
  id            text primary key,
  repository_id text not null references repositories on delete cascade,
  identity      text not null,
  name          text not null,
  definition    jsonb not null,
  vanished_at   timestamptz,
  unique (repository_id, identity)
);

create table dsources (
  id               text primary key,
  name             text not null unique,
  plugin_id        text not null references plugins,
  source_config_id text not null references source_configs,
  environment_id   text not null references environments,
  pool             text not null references pools,
  parameters       jsonb not null,
  hooks            jsonb not null default '{}',
  state            text not null check (state in ('linking', 'active', 'disabled', 'deleting')),
  size_bytes       bigint,
  created_at       timestamptz not null default now()
);

create table vdbs (
  id             text primary key,
  name           text not null unique,
  plugin_id      text not null references plugins,
  repository_id  text not null references repositories,
  environment_id text not null references environments,
  pool           text not null references pools,
  parameters     jsonb not null,
  hooks          jsonb not null default '{}',
  state          text not null check (state in ('creating', 'active', 'inactive', 'disabled', 'deleting')),
  generation     integer not null default 1,
  snapshot_id    text,
  source_config  jsonb,
  created_at     timestamptz not null default now()
);

create table timeflows (
  id         text primary key,
  dsource_id text references dsources on delete cascade,
  vdb_id     text references vdbs on delete cascade,
  reason     text not null,
  created_at timestamptz not null default now(),
  check (num_nonnulls(dsource_id, vdb_id) = 1)
);
create index on timeflows (dsource_id);
create index on timeflows (vdb_id);

create table snapshots (
  id          text primary key,
  timeflow_id text not null references timeflows on delete cascade,
  dsource_id  text references dsources on delete cascade,
  vdb_id      text references vdbs on delete cascade,
  pool        text not null references pools,
  dataset     text not null,
  image       text,
  state       text not null check (state in ('taken', 'published', 'publish_failed')),
  metadata    jsonb not null,
  problem     jsonb,
  taken_at    timestamptz not null default now(),
  check (num_nonnulls(dsource_id, vdb_id) = 1)
);
create index on snapshots (dsource_id, taken_at desc, id);
create index on snapshots (vdb_id, taken_at desc, id);
create index on snapshots (taken_at desc, id);

alter table vdbs add foreign key (snapshot_id) references snapshots;
create index on vdbs (snapshot_id);

-- A TCP port on a host, promised to a dSource or VDB ('vdb/<id>') until that is deleted.
create table ports (
  environment_id text not null references environments on delete cascade,
  port           integer not null,
  owner          text not null,
  label          text not null,
  primary key (environment_id, port),
  unique (owner, label)
);

create table jobs (
  id               text primary key,
  kind             text not null,
  request          jsonb not null,
  locks            text[] not null,
  object_kind      text not null check (object_kind in ('dsource', 'vdb', 'environment', 'snapshot')),
  object_id        text not null,
  object_name      text not null,
  state            text not null default 'queued' check (state in ('queued', 'running', 'undoing', 'succeeded', 'failed', 'cancelled')),
  problem          jsonb,
  cancel_requested boolean not null default false,
  engine_id        text,
  fence            bigint not null default 0,
  lease_until      timestamptz,
  created_at       timestamptz not null default now(),
  started_at       timestamptz,
  finished_at      timestamptz
);
create index on jobs (created_at desc, id);
create index on jobs (state, created_at) where state in ('queued', 'running', 'undoing');
create index on jobs (object_kind, object_id, created_at desc);

-- Takes the oldest job that may run, or the one named if it may: queued, or left by an engine whose lease ran out, with no lock that a running or older
-- waiting job holds. One call is one round trip, and claims come one after another ("vnrc" in ASCII is their lock); each
-- statement in here sees what the claims before it did.
create function claim_job(engine text, lease interval, wanted text) returns setof jobs language plpgsql as $$
declare
  job jobs;
begin
  perform pg_advisory_xact_lock(x'766e7263'::int);
  update jobs set engine_id = engine, fence = fence + 1, lease_until = clock_timestamp() + lease,
    state = case state when 'queued' then 'running' else state end, started_at = coalesce(started_at, clock_timestamp())
  where id = (
    select id from jobs j
    where (wanted is null or j.id = wanted)
      and (j.state = 'queued' or (j.state in ('running', 'undoing') and j.lease_until < clock_timestamp()))
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

-- 'output' is {"value": …} once the effect has ended, whatever came after.
create table steps (
  job_id      text not null references jobs on delete cascade,
  number      integer not null,
  name        text not null,
  state       text not null check (state in ('running', 'done', 'failed', 'undone')),
  output      jsonb,
  started_at  timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  primary key (job_id, number)
);

create table job_lines (
  id     bigint generated always as identity primary key,
  job_id text not null references jobs on delete cascade,
  step   text not null,
  at     timestamptz not null default clock_timestamp(),
  line   text not null
);
create index on job_lines (job_id, id);

-- Read in the order (transaction, id) and only below the oldest running transaction, so that a reader skips nothing.
create table events (
  id           bigint generated always as identity,
  transaction  xid8 not null default pg_current_xact_id(),
  at           timestamptz not null default clock_timestamp(),
  kind         text not null,
  subject_kind text not null,
  subject_id   text not null,
  data         jsonb not null,
  primary key (transaction, id)
);

-- Who listens hears of an event when its transaction commits.
create function notify_event() returns trigger language plpgsql as $$
begin
  perform pg_notify('veneer_events', new.kind);
  return null;
end $$;
create trigger notify after insert on events for each row execute function notify_event();

-- What happens to objects is an event, whoever made it happen.
create function job_event() returns trigger language plpgsql as $$
begin
  insert into events (kind, subject_kind, subject_id, data) values ('job.' || new.state, 'job', new.id,
    jsonb_build_object('job', new.kind, 'subject', jsonb_build_object('kind', new.object_kind, 'id', new.object_id, 'name', new.object_name)));
  return null;
end $$;
create trigger queued after insert on jobs for each row execute function job_event();
create trigger moved after update of state, cancel_requested on jobs for each row
  when (old.state <> new.state or old.cancel_requested <> new.cancel_requested) execute function job_event();

create function state_event() returns trigger language plpgsql as $$
begin
  insert into events (kind, subject_kind, subject_id, data) values (tg_argv[0] || '.state', tg_argv[0], new.id, jsonb_build_object('state', new.state));
  return null;
end $$;
create trigger moved after update of state on dsources for each row execute function state_event('dsource');
create trigger moved after update of state on vdbs for each row execute function state_event('vdb');

create function deleted_event() returns trigger language plpgsql as $$
begin
  insert into events (kind, subject_kind, subject_id, data) values (tg_argv[0] || '.deleted', tg_argv[0], old.id, '{}');
  return null;
end $$;
create trigger deleted after delete on dsources for each row execute function deleted_event('dsource');
create trigger deleted after delete on vdbs for each row execute function deleted_event('vdb');

create function snapshot_event() returns trigger language plpgsql as $$
begin
  insert into events (kind, subject_kind, subject_id, data) values ('snapshot.taken', case when new.vdb_id is null then 'dsource' else 'vdb' end,
    coalesce(new.vdb_id, new.dsource_id), jsonb_build_object('snapshot', new.id));
  return null;
end $$;
create trigger taken after insert on snapshots for each row execute function snapshot_event();

create table tokens (
  id         text primary key,
  name       text not null unique,
  hash       text not null unique,
  created_at timestamptz not null default now()
);

-- What a POST answered, so that the same Idempotency-Key answers it again.
create table idempotency (
  token_id   text not null references tokens on delete cascade,
  key        text not null,
  request    text not null,
  status     integer,
  body       jsonb,
  created_at timestamptz not null default now(),
  primary key (token_id, key)
);
