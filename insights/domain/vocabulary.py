"""Says which words a speech engine may expect on a campaign's calls: the client's name, its services, its places."""

from __future__ import annotations

from insights.domain.campaigns import Campaign

MOST_WORDS = 60
"""A prompt takes room from the answer, and a long one invites the engine to repeat it."""


def campaign_prompt(campaign: Campaign) -> str:
    """The words as a text such as "Blue Pipe Plumbing, plumbing: drain cleaning, ... In Columbus, Dublin, OH."

    Services come before places, and what would make it longer than ``MOST_WORDS`` words is left out.
    """
    area = campaign.service_area
    head = f"{campaign.client}, {campaign.trade}:" if campaign.trade else f"{campaign.client}:"
    names = [*campaign.services, *campaign.not_offered, *area.cities]
    kept: list[str] = []
    count = len(head.split())
    for name in dict.fromkeys(" ".join(name.split()) for name in names):
        count += len(name.split())
        if count > MOST_WORDS:
            break
        kept.append(name)
    return f"{head} {', '.join(kept)}." if kept else ""
