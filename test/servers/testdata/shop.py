"""The tasks of TestCelery: each order writes when it begins and when it ends."""
import os
import pathlib
import threading
import time

import celery
import psycopg2
from celery.signals import heartbeat_sent, worker_ready

app = celery.Celery("shop", broker=os.environ["CELERY_BROKER_URL"])


@worker_ready.connect
@heartbeat_sent.connect
def beat(**_):
    pathlib.Path("/tmp/alive").touch()


@worker_ready.connect
def have_two_threads(**_):
    """Make Celery 5.2 stop between two messages: with one thread its signal handler raises an exception wherever the loop just is, so
    that it loses a message or never ends (https://github.com/celery/celery/pull/7339, fixed in 5.3)."""
    threading.Thread(target=threading.Event().wait, daemon=True).start()


def note(table, number):
    database = psycopg2.connect(os.environ["DATABASE_URL"])
    with database, database.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} VALUES (%s)", [number])
    database.close()


@app.task
def order(number):
    note("begun", number)
    time.sleep(1)
    note("ended", number)
