"""Random histories of two leads for property tests."""

from __future__ import annotations

from dataclasses import replace

from builders import a_charge, a_decision, a_proposal
from hypothesis import strategies as st

DRAFTS = st.lists(
    st.one_of(
        st.builds(a_charge, st.sampled_from(["L-1", "L-2"]), st.sampled_from(["45.00", "60.00"])),
        st.builds(a_proposal, st.sampled_from(["L-1", "L-2"]), st.sampled_from(["billable", "non_billable"])),
        st.builds(a_decision, st.sampled_from(["L-1", "L-2"]), st.sampled_from(["accept", "override"])),
    ),
    max_size=12,
).map(lambda drafts: [replace(draft, key=f"{number}:{draft.key}") for number, draft in enumerate(drafts)])
