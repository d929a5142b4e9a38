-- Kinds of segments whose parts do not make the whole.

with

summary as (

    select segment_type, sum(tickets) as tickets, sum(resolved) as resolved
    from {{ ref('mart_resolution_summary') }}
    group by segment_type

),

approvals as (

    select segment_type, sum(decided) as decided, sum(approved) as approved
    from {{ ref('mart_approval_rates') }}
    group by segment_type

),

exposure as (

    select segment_type, currency, sum(open_tickets) as open_tickets, sum(expected_payout_amount) as amount
    from {{ ref('mart_claim_exposure') }}
    group by segment_type, currency

)

select parts.segment_type, 'mart_resolution_summary' as mart
from summary as parts
inner join summary as whole on whole.segment_type = 'all'
where parts.tickets <> whole.tickets or parts.resolved <> whole.resolved

union all

select parts.segment_type, 'mart_approval_rates' as mart
from approvals as parts
inner join approvals as whole on whole.segment_type = 'all'
where parts.decided <> whole.decided or parts.approved <> whole.approved

union all

select parts.segment_type, 'mart_claim_exposure' as mart
from exposure as parts
inner join exposure as whole on whole.segment_type = 'all' and parts.currency = whole.currency
where parts.open_tickets <> whole.open_tickets
    or abs(parts.amount - whole.amount) > 1e-9 * (1 + abs(whole.amount))
