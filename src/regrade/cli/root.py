"""`regrade` itself: the commands, loaded when they are called, and what an error looks like."""

import sys
from importlib import import_module

import click

from regrade import __version__
from regrade.domain.errors import ProblemsError, UsageError

COMMANDS = {
    "init": "Write a first suite for a kind of work.",
    "check": "Look at a suite without running it.",
    "run": "Run a suite and report what passes, what fails and why.",
    "grade": "Judge a run's stored answers again, without asking the target.",
    "runs": "List the runs.",
    "gate": "Run a suite and say whether the change may ship.",
    "baseline": "Show or update the baseline that is committed beside a suite.",
    "plan": "Say what to run now, after what changed.",
    "aa": "Measure the noise of a suite: one version, several times.",
    "power": "Say the smallest change that a suite can show.",
    "mutate": "Break good answers on purpose and say which graders notice.",
    "label": "Say what you think of answers: one key a label, blind to the judge.",
    "calibrate": "Measure judges against what people said.",
    "history": "Show the tracked series of a suite over its runs.",
    "compare": "Say what got better and what got worse between runs, and how sure that is.",
    "show": "Show a run, its failures, or one case of it.",
    "serve": "Take in live traces and grade those that monitors choose.",
    "worker": "Grade live traces, beside a server.",
    "monitor": "Keep, list and try out the monitors of live traffic.",
    "alerts": "List alerts with their evidence; acknowledge, close and mute them.",
    "explain": "Say why a live trace was graded or not, and what was said of it.",
    "promote": "Make regression cases of live traces that fail.",
    "closed-loop": "Say of each alert whether later versions pass its cases.",
    "keys": "Make, list and end keys of the server.",
    "backup": "Write a consistent copy of the database.",
    "demo": "Judge the example application: see what a run says.",
    "report": "Write a run as HTML, Markdown, JUnit XML or JSON.",
    "doctor": "Say what this installation has, and what keeps a suite from running.",
    "schema": "Print the JSON Schema of a file or document.",
}
"""The commands, in the order of the help, and what they do."""

DONE, GATE_FAILED, USAGE, UNDECIDED, NOT_VALID, INTERRUPTED = 0, 1, 2, 3, 4, 130
"""Exit codes."""


class _Commands(click.Group):
    """Loads a command's module when the command is called, so that `--help` loads none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"regrade.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib  # noqa: PLC0415  only after a mistake

            close = difflib.get_close_matches(args[0], COMMANDS, n=1)
            raise click.UsageError(
                error.message + (f" Did you mean {close[0]!r}?" if close else "")
            ) from None


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="regrade")
def root() -> None:
    """Did your LLM application get better or worse, and why.

    Runs are kept in .regrade/regrade.db, or where REGRADE_DB says. Nothing is sent anywhere.
    """


def main() -> None:
    """Run the command line and exit."""
    try:
        code = root.main(standalone_mode=False)
    except click.exceptions.Abort:
        code = INTERRUPTED
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except UsageError as error:
        several = isinstance(error, ProblemsError) and len(error.problems) > 1
        click.echo(f"error:{chr(10) if several else ' '}{_safe(str(error))}", err=True)
        code = USAGE
    except SystemExit:  # click's answer when the reader of a pipe went away; 1 is a failed gate
        code = DONE
    sys.exit(code if isinstance(code, int) else DONE)


def _safe(text: str) -> str:
    from regrade.report.plain import printable  # noqa: PLC0415  only after a mistake

    return printable(text)
