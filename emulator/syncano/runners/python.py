# Runs one script of a `python*` runtime. The emulator hands this file's text to `python3 -c`, and the whole task on stdin:
# { source, ARGS, CONFIG, META, _OUTPUT_SEPARATOR, _TIMEOUT (seconds) }.
import json
import linecache
import os
import signal
import sys
import traceback


class HttpResponse(object):
    def __init__(self, status_code=200, content='', content_type='application/json', headers=None):
        self.status_code = status_code
        self.content = content
        self.content_type = content_type
        self.headers = headers or {}


class Answer(object):
    response = None


def set_response(response):
    Answer.response = response


def on_time_limit(_signal, _frame):
    traceback.print_stack()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit(): a bare `except:` in the script would swallow it.
    os._exit(124)


# From Python 3.13 on, a stack shows the lines of what came by `-c`; on the service it shows none of the wrapper's.
linecache.clearcache()

task = json.load(sys.stdin)
signal.signal(signal.SIGALRM, on_time_limit)
signal.setitimer(signal.ITIMER_REAL, task['_TIMEOUT'])

# Without `__name__`, so that a script finds the name of the module of built-in functions, as on the service.
scope = {name: task[name] for name in ('ARGS', 'CONFIG', 'META', '_OUTPUT_SEPARATOR')}
scope['HttpResponse'] = HttpResponse
scope['set_response'] = set_response
exec(compile(task['source'], 'main.py', 'exec'), scope)

if isinstance(Answer.response, HttpResponse):
    # The separator first: where the status is not a number, the service finds a separator with nothing behind it.
    sys.stdout.write(task['_OUTPUT_SEPARATOR'])
    answer = Answer.response
    sys.stdout.write(json.dumps([int(answer.status_code), answer.content_type, str(answer.content), answer.headers]))
