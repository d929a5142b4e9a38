-- One row per approved claim whose status is not claim_paid, the API's only word on payment: since when
-- it is approved, and what to do about it. An amount or a currency not told is a row all the same.

with

claims as (

    select * from {{ ref('fct_claim_payouts') }} where is_approved and not is_claim_paid_status

),

tickets as (

    select ticket_id, status, waiting_on, last_seen_at, vanished_at from {{ ref('fct_ticket_resolution') }}

),

as_of as (

    select as_of from {{ ref('stg_as_of') }}

),

resolutions as (

    select
        resolutions.ticket_id,
        resolutions.resolution_no,
        resolutions.seen_at,
        max(
            case when resolutions.outcome_group is distinct from 'claim_approved' then resolutions.resolution_no end
        ) over (partition by resolutions.ticket_id) as last_other_no
    from {{ ref('int_resolutions') }} as resolutions
    inner join claims on resolutions.ticket_id = claims.ticket_id

),

-- the approval that stands: an earlier one that was taken back is another
approvals as (

    select ticket_id, min(seen_at) as known_at
    from resolutions
    where resolution_no > coalesce(last_other_no, 0)
    group by ticket_id

),

dated as (

    select
        {{ columns_of('claims', ['ticket_id']) }},
        tickets.status,
        tickets.waiting_on,
        tickets.last_seen_at,
        tickets.vanished_at is not null as is_vanished,
        approvals.known_at,
        {{ least_known('claims.solved_at', 'approvals.known_at') }} as approved_at,
        as_of.as_of
    from claims
    inner join tickets on claims.ticket_id = tickets.ticket_id
    cross join as_of
    left join approvals on claims.ticket_id = approvals.ticket_id

),

aged as (

    select
        dated.*,
        cast(floor({{ seconds_between('approved_at', 'as_of') }} / 86400.0) as bigint) as age_days
    from dated

),

banded as (

    select
        aged.*,
        case
            when age_days is null then 5
            when age_days <= 30 then 1
            when age_days <= 60 then 2
            when age_days <= 90 then 3
            else 4
        end as age_band_no
    from aged

),

unpaid_approvals as (

    select
        ticket_id,
        order_number,
        parcel_id,
        brand_id,
        carrier,
        ticket_type,
        status,
        waiting_on,
        created_at,
        approved_at,
        known_at,
        last_seen_at,
        age_days,
        age_band_no,
        case age_band_no
            when 1 then '0-30' when 2 then '31-60' when 3 then '61-90' when 4 then '90+' else 'unknown'
        end as age_band,
        amount,
        currency,
        amount_status,
        is_vanished,
        case
            when is_vanished then 'look_up'
            when amount_status = 'zero' then 'none'
            when amount_status = 'missing' then 'ask_for_amount'
            when currency = '(none)' then 'ask_for_currency'
            when age_band_no = 1 then 'wait'
            else 'ask_for_payment'
        end as next_step,
        as_of
    from banded

)

select * from unpaid_approvals
