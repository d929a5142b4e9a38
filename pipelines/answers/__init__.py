"""The answers: what notebooks and the report say, draw and list, of all or of chosen tickets.

Depends on `reading` and on the models in `transform/`, on pandas and on Altair. Promises that
no number is made here which a mart holds, and none at all without its unit:

- `desk`: the marts, and the same marts for chosen tickets; `models`: their SQL; `opening`: which
  warehouse.
- `theme`: one look for all pictures; `words`: numbers as people read them.
- `payouts`, `decisions`, `claims_to_come`: pictures of claims; `times`, `endings`, `waiting`: of
  resolution.
- `sentences`: the answers in words; `listings`: tables of tickets.
"""
