"""Leads told in the terminal: one lead's story, a client's month, and what another policy would have judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from insights.domain.money import Money
from insights.terminal import STYLES, amount, minute, plain, short


def story_lines(story: Mapping[str, Any]) -> list[str]:
    """One lead's story, read from top to bottom."""
    lead, campaign, proposal = story["lead"], story["campaign"], story["proposal"]
    answered = "answered" if lead["answered"] else "missed"
    lines = [
        f"[bold]{plain(lead['lead_id'])}[/]  {lead['kind']}, {answered}, received {lead['received_at']}",
        f"campaign   {plain(campaign['campaign_id'])}: {plain(campaign['client'])}, {plain(campaign['trade'])}",
        f"money      charged {_money(story, 'charged')}, given back {_money(story, 'credited')},"
        f" to pay {_money(story, 'balance')}",
        f"screening  {story['screening']}; review: {story['eligibility']['code']}"
        f" (until {story['eligibility']['expires_at']}, {story['eligibility']['hours_left']} h left)",
    ]
    if story["failure"]:
        failure = story["failure"]
        lines.append(f"[red]failed[/]     at {failure['stage']}: {failure['code']}: {plain(failure['message'])}")
    if proposal is None:
        lines.append("proposal   none")
    else:
        shown = f"[{STYLES[proposal['decision']]}]{proposal['decision']}[/]"
        outcome = f" / {proposal['outcome']}" if proposal["outcome"] else ""
        lines.append(f"proposal   {shown}: {proposal['reason']}{outcome}, probability {proposal['probability']:.2f}")
        for heading, items in (("because", proposal["evidence"]), ("against", proposal["against"])):
            for item in items:
                lines.append(f"{heading:<10} {_evidence(item)}")
        for doubt in proposal["doubts"]:
            lines.append(f"doubt      {plain(doubt)}")
        lines.append(f"would change it: {plain(proposal['would_change'])}")
        versions = proposal["versions"]
        lines.append(
            f"[dim]rule {proposal['rule']}; policy {versions['policy']}; speech {plain(versions['speech']) or '-'};"
            f" intent {plain(versions['intent']) or '-'}; code {versions['code']}[/]"
        )
    lines += _review_lines(story["state"], story["review"])
    for entry in story["entries"]:
        lines.append(f"[dim]entry {entry['sequence']:>4}  {entry['at']}  {entry['kind']} by {plain(entry['actor'])}[/]")
    return lines


def _money(story: Mapping[str, Any], name: str) -> str:
    return str(Money.parse(story["money"][name], story["money"]["currency"]))


def _review_lines(state: str, review: Mapping[str, Any]) -> list[str]:
    """Where the review stands: what the client asked, what was asked back, when the answer is due, what was decided."""
    hands = f", in the hands of {plain(review['in_review_by'])}" if review["in_review_by"] else ""
    lines = [f"review     [bold]{state}[/]{hands}"]
    if request := review["request"]:
        lines.append(
            f"request    {request['reason']}, {request['submitted_at']}: “{plain(short(request['explanation'], 300))}”"
        )
        lines += [f"file       {plain(file['name'])} ({file['bytes']} bytes)" for file in request["files"]]
    for wait in review["asked"]:
        lines.append(f"asked      {plain(short(wait['fact'], 200))} ({wait['asked_at']})")
        if wait["given_at"]:
            lines.append(f"answered   {plain(short(wait['given'], 200))} ({wait['given_at']})")
    if review["clock_stopped_at"]:
        lines.append(
            f"due        the clock stands since {review['clock_stopped_at']}, with"
            f" {review['business_days_left']:.1f} business days left"
        )
    elif review["due_at"]:
        lines.append(f"due        {review['due_at']}")
    if decided := review["decided"]:
        outcome = f" / {decided['outcome']}" if decided["outcome"] else ""
        result = f" ({decided['result']})" if decided["result"] else ""
        lines.append(f"decided    {decided['reason']}{outcome}{result} by {plain(decided['by'])}, {decided['at']}")
        if decided["note"]:
            lines.append(f"note       “{plain(short(decided['note'], 300))}”")
        if decided["letter"]:
            lines.append(f"letter     “{plain(short(decided['letter'], 300))}”")
    return lines


def _evidence(item: Mapping[str, Any]) -> str:
    if "quote" in item:
        at = f"{minute(item['start'])} " if item["start"] is not None else ""
        return f"{at}“{plain(item['quote'])}”"
    return f"{plain(item['fact'])} [dim]({plain(item['source'])})[/]"


def replay_lines(report: Mapping[str, Any]) -> list[str]:
    """What another policy changes: how many leads flip, from what to what, whose money, and the dearest examples."""
    lines = [f"[bold]{report['flipped']} of {report['leads']} leads flip[/]"]
    if report["not_recalled"]:
        lines.append(f"{report['not_recalled']} leads could not be compared: parts of them are not stored.")
    for flip in report["flips"]:
        lines.append(
            f"  [{STYLES[flip['from']]}]{flip['from']}[/] to [{STYLES[flip['to']]}]{flip['to']}[/]:"
            f" {flip['leads']} leads, {_sums(flip['money'])}"
        )
    for client, told in report["by_client"].items():
        if told["flipped"]:
            lines.append(
                f"  {plain(client)}: {told['flipped']} of {told['leads']} flip; proposed to be given back"
                f" {_sums(told['given_back'])}, would be {_sums(told['would_be_given_back'])}"
            )
    was, now = report["against_decisions"]["was"], report["against_decisions"]["now"]
    if any(was.values()):
        lines.append(
            f"Of the decided leads it was right about {was['right']}, wrong about {was['wrong']} and left"
            f" {was['left_to_a_person']} to a person; it would be {now['right']}, {now['wrong']} and"
            f" {now['left_to_a_person']}."
        )
    for row in report["examples"]:
        lines.append(
            f"[bold]{plain(row['lead_id']):<10}[/] {amount(row):>9}  {row['was'][0]} {row['was'][1]} to"
            f" {row['now'][0]} {row['now'][1]}" + (f", decided {row['decided']}" if row["decided"] else "")
        )
        lines.append(f"           [dim]{plain(short(row['because'], 120))}[/]")
    return lines


def _sums(money: Mapping[str, str]) -> str:
    return ", ".join(str(Money.parse(amount, currency)) for currency, amount in sorted(money.items())) or "nothing"


def statement_lines(told: Mapping[str, Any]) -> list[str]:
    """A client's month, read from top to bottom."""
    lines = [
        f"[bold]{plain(told['client'] or told['client_id'])}[/], {told['month']}: {told['leads']} leads, charged"
        f" {_sums(told['charged'])}, given back {_sums(told['given_back'])}, to pay {_sums(told['to_pay'])}"
    ]
    for name, heading in (
        ("given_back_unasked", "Given back unasked"),
        ("given_back_on_request", "Given back on request"),
        ("charged_after_review", "Charged after review"),
    ):
        lines.append(f"[bold]{heading}[/]: {len(told[name])}")
        for row in told[name]:
            back = Money.parse(row["given_back"] if name != "charged_after_review" else row["charged"], row["currency"])
            lines.append(f"  {plain(row['lead_id']):<10} {row['received_at']}  {back}  {row['reason']}")
            lines += [f"             [dim]“{plain(short(words, 110))}”[/]" for words in row["because"]]
    if told["waiting"]:
        lines.append(f"Still open: {', '.join(map(plain, told['waiting']))}")
    return lines
