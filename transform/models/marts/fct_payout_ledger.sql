-- One row per change of what is approved on a ticket, dated when it became known, never rewritten: a
-- payout, a correction of its amount, or a reversal. All entries of a ticket add up to what is approved
-- on it now; what belongs to a month adds up to mart_payouts_monthly.
{% set in_order = 'partition by ticket_id order by resolution_no' %}

with

resolutions as (

    select * from {{ ref('int_resolutions') }}

),

tickets as (

    select ticket_id, carrier, ticket_type, resolved_at, last_resolved_at
    from {{ ref('fct_ticket_resolution') }}

),

as_of as (

    select data_seen_since from {{ ref('stg_as_of') }}

),

states as (

    select
        resolutions.ticket_id,
        resolutions.resolution_no,
        tickets.carrier,
        tickets.ticket_type,
        resolutions.seen_at,
        resolutions.outcome,
        case when resolutions.outcome_group = 'claim_approved' then coalesce(resolutions.amount, 0) else 0 end
            as amount,
        resolutions.currency,
        coalesce(
            resolutions.solved_at,
            case when resolutions.is_last then coalesce(tickets.resolved_at, tickets.last_resolved_at) end,
            resolutions.seen_at
        ) as decided_at
    from resolutions
    inner join tickets on resolutions.ticket_id = tickets.ticket_id

),

changes as (

    select
        states.*,
        {{ month_of('decided_at') }} as payout_month,
        lag(amount, 1, cast(0 as numeric(18, 4))) over ({{ in_order }}) as amount_before,
        {{ value_before('currency') }} over ({{ in_order }}) as currency_before,
        {{ value_before('decided_at') }} over ({{ in_order }}) as decided_before
    from states

),

judged as (

    select
        changes.*,
        {{ month_of('decided_before') }} as month_before,
        amount_before <> 0
        and amount <> 0
        and currency = currency_before
        and payout_month = {{ month_of('decided_before') }} as is_correction
    from changes

),

entries as (

    select
        ticket_id, resolution_no, 1 as part, carrier, ticket_type, seen_at, outcome,
        'reversal' as entry_type,
        -amount_before as amount,
        currency_before as currency,
        decided_before as decided_at,
        month_before as payout_month
    from judged
    where amount_before <> 0
        and not is_correction

    union all

    select
        ticket_id, resolution_no, 2 as part, carrier, ticket_type, seen_at, outcome,
        case when is_correction then 'correction' else 'payout' end as entry_type,
        case when is_correction then amount - amount_before else amount end as amount,
        currency,
        decided_at,
        payout_month
    from judged
    where amount <> 0
        and not (is_correction and amount = amount_before)

),

payout_ledger as (

    select
        entries.ticket_id,
        cast(row_number() over (
            partition by entries.ticket_id order by entries.resolution_no, entries.part
        ) as integer) as entry_no,
        entries.entry_type,
        entries.seen_at as known_at,
        {{ month_of('entries.seen_at') }} as known_month,
        entries.decided_at,
        entries.payout_month,
        entries.carrier,
        entries.ticket_type,
        entries.outcome,
        entries.currency,
        cast(entries.amount as numeric(18, 4)) as amount,
        entries.resolution_no = 1 and entries.decided_at < as_of.data_seen_since as is_opening,
        '{{ var("finance_timezone") }}' as time_zone
    from entries
    cross join as_of

)

select * from payout_ledger
