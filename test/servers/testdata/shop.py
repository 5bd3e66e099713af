"""The tasks of TestCelery: each order writes when it begins and when it ends."""
import os
import pathlib
import time

import celery
import psycopg2
from celery.signals import heartbeat_sent, worker_ready

app = celery.Celery("shop", broker=os.environ["CELERY_BROKER_URL"])


@worker_ready.connect
@heartbeat_sent.connect
def beat(**_):
    pathlib.Path("/tmp/alive").touch()


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
