-- Kinds of segments whose parts do not make the whole.

with

kinds as (

    select 'carrier' as segment_type
    union all
    select 'ticket_type' as segment_type
    union all
    select 'carrier_and_type' as segment_type

),

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

select kinds.segment_type, 'mart_resolution_summary' as mart
from kinds
inner join summary as whole on whole.segment_type = 'all'
left join summary as parts on kinds.segment_type = parts.segment_type
where parts.tickets is null
    or parts.tickets <> whole.tickets
    or parts.resolved <> whole.resolved

union all

select kinds.segment_type, 'mart_approval_rates' as mart
from kinds
inner join approvals as whole on whole.segment_type = 'all'
left join approvals as parts on kinds.segment_type = parts.segment_type
where parts.decided is null
    or parts.decided <> whole.decided
    or parts.approved <> whole.approved

union all

select kinds.segment_type, 'mart_claim_exposure' as mart
from kinds
inner join exposure as whole on whole.segment_type = 'all'
left join exposure as parts
    on kinds.segment_type = parts.segment_type and whole.currency = parts.currency
where parts.open_tickets is null
    or parts.open_tickets <> whole.open_tickets
    or abs(parts.amount - whole.amount) > 1e-9 * (1 + abs(whole.amount))
