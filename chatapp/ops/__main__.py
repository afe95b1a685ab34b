"""The command line: `python -m chatapp.ops migrate|worker|demo|jobs|moderation|erasures|reference`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import peewee
from gevent import monkey

from chatapp.dialects import DIALECTS
from chatapp.errors import ChatError, Misconfigured, Unavailable
from chatapp.events.bus import bus
from chatapp.infra import gevent_psycopg, object_storage
from chatapp.ops import erasures, moderation, runtime
from chatapp.ops.migration.runner import Unmigrated, migrate_down, migrate_up
from chatapp.ops.monitoring import json_logging
from chatapp.ops.reference import print_sections
from chatapp.ops.startup import check_database, check_redis_certificate, check_servers
from chatapp.ops.upkeep import jobs
from chatapp.ops.upkeep.sweeps import BATCH_TIMEOUT_MS
from chatapp.transaction import record_published
from config import ConfigError, Settings, load
from config.secrecy import hide_from_same_user


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0, or 1 after one sentence per problem on standard error."""
    options = _parser().parse_args(arguments)
    if options.command == "reference":
        for page in print_sections(DIALECTS):
            print(f"updated: {page}")
        return 0
    try:
        settings = load(os.environ)
        if settings.app_env != "test":
            hide_from_same_user()  # the worker, like a web worker, has every secret in its environment
        json_logging.configure(settings.log_level)
        return int(options.run(settings, options))
    except ConfigError as error:
        problems = error.problems
    except (Unmigrated, Misconfigured) as error:
        problems = [str(error)]
    except jobs.AlreadyRunning as error:
        problems = [f"The job {error} is running in another process."]
    except ChatError as error:
        problems = [f"Failed: {error.code}."]
    except (peewee.OperationalError, peewee.InterfaceError, peewee.ProgrammingError) as error:
        problems = [f"Postgres refused: {str(error).strip().splitlines()[0]}"]
    for problem in problems:
        print(f"chatapp: {problem}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m chatapp.ops", description="Operate chatapp.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    migrate = commands.add_parser("migrate", help="apply pending migrations")
    migrate.add_argument("--down", metavar="NAME", help="instead, revert migrations back to and including this one")
    migrate.set_defaults(run=_migrate)
    commands.add_parser("worker", help="run the worker process until SIGTERM").set_defaults(run=_work)
    commands.add_parser("demo", help="create demo users, items and chats").set_defaults(run=_demo)
    _add_jobs_parser(commands.add_parser("jobs", help="list the periodic jobs, or run one now"))
    moderation.add_parser(commands.add_parser("moderation", help="review reports, ban users and set filters"))
    erasures.add_parser(commands.add_parser("erasures", help="erase users, and print what went"))
    commands.add_parser("reference", help="update the sections of docs/ that are printed from the code")
    return parser


def _add_jobs_parser(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="action")
    actions.add_parser("list", help="print names, intervals and last runs").set_defaults(run=_list_jobs)
    run = actions.add_parser("run", help="run a job now")
    run.add_argument("name", help="name of the job, as printed by `jobs list`")
    run.set_defaults(run=_run_job)


def _migrate(settings: Settings, options: argparse.Namespace) -> int:
    if options.down:
        print("reverted: " + (", ".join(migrate_down(settings, options.down)) or "nothing"))
        return 0
    runtime.build(settings)
    check_redis_certificate()  # before any change: if a release fails, the previous one keeps running
    print("migrated: " + (", ".join(migrate_up(settings)) or "nothing to do"))
    try:
        object_storage.make_bucket()
    except Unavailable:
        # Chat works without S3, so a release must not fail because of it.
        print("chatapp: S3 is unavailable; the worker will create the bucket later.", file=sys.stderr)
    return 0


def _work(settings: Settings, options: argparse.Namespace) -> int:
    if not monkey.is_module_patched("socket"):
        # Patching must come before all imports, and `-m chatapp.ops` has already imported much.
        patched = [sys.executable, "-m", "gevent.monkey", "--module", "chatapp.ops", "worker"]
        os.execv(sys.executable, patched)
    from chatapp.ops.worker.process import Worker

    # Sweeps raise the server's statement time-out for their batches; the client's must be longer.
    gevent_psycopg.patch_psycopg(BATCH_TIMEOUT_MS / 1000 + 5)
    settings = settings.past_pooler()  # jobs and services hold session locks
    runtime.build(settings)
    check_servers()
    Worker(settings).run()
    return 0


def _demo(settings: Settings, options: argparse.Namespace) -> int:
    from chatapp.ops.demo.creation import make_demo_data

    if settings.app_env == "production":
        raise ConfigError(["Demo data is refused with APP_ENV=production: the password of the demo users is public."])
    runtime.build(settings.past_pooler())
    check_servers()
    print(make_demo_data())
    bus.publish_waiting()
    record_published()
    return 0


def _list_jobs(settings: Settings, options: argparse.Namespace) -> int:
    runtime.build(settings.past_pooler())
    check_database()
    for line in jobs.listing():
        print(line)
    return 0


def _run_job(settings: Settings, options: argparse.Namespace) -> int:
    job = jobs.JOBS_BY_NAME.get(options.name)
    if job is None:
        names = ", ".join(jobs.JOBS_BY_NAME)
        print(f"chatapp: There is no job {options.name!r}; there are {names}.", file=sys.stderr)
        return 1
    runtime.build(settings.past_pooler())
    check_servers()
    print(f"{job.name}: {jobs.run_job(job, settings)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
