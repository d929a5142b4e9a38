-- One row per currency and horizon: what open tickets are expected to be approved for within 30, 60 and 90
-- days of the last sight, with a 95 % range. Of each ticket's chance in fct_open_claim_exposure that share
-- falls within the horizon which its curve gains between its age and its age then. Tickets to come, and what
-- is approved already, are not in it.

{%- set horizons = [30, 60, 90] %}

with

exposure as (

    select
        fct_open_claim_exposure.*,
        -- the whole hour as in the curves
        cast(floor(age_minutes / 60.0 + 0.5) as integer) as hours,
        case
            when estimated_from = carrier || ' / ' || ticket_type then 'carrier_and_type'
            when estimated_from = ticket_type then 'ticket_type'
            else 'all'
        end as segment_type,
        -- raw moments of what the ticket pays: they shrink with the chance
        payout_variance + expected_payout_amount * expected_payout_amount as square,
        payout_third_moment
        + 3 * (payout_variance + expected_payout_amount * expected_payout_amount) * expected_payout_amount
        - 2 * expected_payout_amount * expected_payout_amount * expected_payout_amount as cube
    from {{ ref('fct_open_claim_exposure') }} as fct_open_claim_exposure

),

incidence as (

    select segment_type, segment, hours, incidence
    from {{ ref('int_incidence') }}
    where outcome_group = 'claim_approved'

),

account as (

    select currency, is_followed_enough, amount_claims from {{ ref('mart_claim_exposure') }} where segment_type = 'all'

),

as_of as (

    select as_of from {{ ref('stg_as_of') }}

),

ages as (

    select distinct segment_type, estimated_from as segment, hours from exposure

),

points as (
    {% for days in [0] + horizons %}
    select segment_type, segment, hours, {{ days }} as days, hours + {{ days * 24 }} as until_hours
    from ages
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- the last step of the curve not later than each point
merged as (

    select segment_type, segment, hours as until_hours, incidence, cast(null as integer) as hours, null as days
    from incidence

    union all

    select segment_type, segment, until_hours, null as incidence, hours, days
    from points

),

placed as (

    select
        segment_type,
        segment,
        hours,
        days,
        coalesce(max(incidence) over (
            partition by segment_type, segment order by until_hours range unbounded preceding
        ), 0) as incidence,
        coalesce(max(incidence) over (partition by segment_type, segment), 0) as final_incidence
    from merged

),

-- the share of what is still to come at an age that comes within the horizon
shares as (

    select
        later.segment_type,
        later.segment,
        later.hours,
        later.days,
        case
            when later.final_incidence - present.incidence > {{ tolerance() }}
                then greatest(0, least(
                    1, (later.incidence - present.incidence) / (later.final_incidence - present.incidence)
                ))
            else 1
        end as share
    from placed as later
    inner join placed as present
        on later.segment_type = present.segment_type
        and later.segment = present.segment
        and later.hours = present.hours
        and present.days = 0
    where later.days > 0

),

-- of a smaller chance the error is smaller, as that of a count out of the same tickets
within as (

    select
        exposure.ticket_id,
        exposure.currency,
        exposure.carrier,
        exposure.estimated_from,
        shares.days as horizon_days,
        exposure.p_approval * shares.share as p_approval,
        exposure.expected_payout_amount,
        exposure.expected_payout_amount * shares.share as payout,
        exposure.square * shares.share
        - exposure.expected_payout_amount * exposure.expected_payout_amount * shares.share * shares.share
            as variance,
        exposure.cube * shares.share
        - 3 * exposure.square * exposure.expected_payout_amount * shares.share * shares.share
        + 2 * exposure.expected_payout_amount * exposure.expected_payout_amount * exposure.expected_payout_amount
        * shares.share * shares.share * shares.share as third_moment,
        sqrt(
            greatest(
                0,
                exposure.p_approval_se * exposure.p_approval_se - exposure.p_carrier_se * exposure.p_carrier_se
            ) * shares.share * (1 - exposure.p_approval * shares.share)
            / greatest(0.05, 1 - exposure.p_approval)
        ) * exposure.expected_amount_if_approved as chance_error,
        exposure.p_carrier_se * shares.share * exposure.expected_amount_if_approved as carrier_error,
        exposure.p_approval * shares.share * exposure.expected_amount_if_approved_se as amount_error
    from exposure
    inner join shares
        on exposure.segment_type = shares.segment_type
        and exposure.estimated_from = shares.segment
        and exposure.hours = shares.hours

),

summed as (

    select
        currency,
        horizon_days,
        count(*) as open_tickets,
        {{ sum_in_order('p_approval', 'ticket_id') }} as expected_approved,
        {{ sum_in_order('payout', 'ticket_id') }} as payout,
        {{ sum_in_order('expected_payout_amount', 'ticket_id') }} as whole_payout,
        {{ sum_in_order('variance', 'ticket_id') }} as variance,
        {{ sum_in_order('third_moment', 'ticket_id') }} as third_moment,
        {{ sum_in_order('case when p_approval < 1 then ln(1 - p_approval) else -745 end', 'ticket_id') }} as log_nothing,
        {{ sum_in_order('amount_error', 'ticket_id') }} as amount_error
    from within
    group by currency, horizon_days

),

-- tickets judged by the same curve err together, and so do those of a carrier
errors as (
    {% for column, by in [('chance_error', 'estimated_from'), ('carrier_error', 'carrier')] %}
    select currency, horizon_days, {{ sum_in_order('error * error', 'member') }} as variance
    from (
        select currency, horizon_days, {{ by }} as member, {{ sum_in_order(column, 'ticket_id') }} as error
        from within
        group by currency, horizon_days, {{ by }}
    ) as by_{{ by }}
    group by currency, horizon_days
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

shared_errors as (

    select currency, horizon_days, {{ sum_in_order('variance', 'variance') }} as variance
    from errors
    group by currency, horizon_days

),

varied as (

    select
        summed.currency,
        summed.horizon_days,
        summed.open_tickets,
        summed.expected_approved,
        summed.payout,
        summed.whole_payout,
        summed.third_moment,
        summed.log_nothing,
        summed.variance + shared_errors.variance + summed.amount_error * summed.amount_error as variance
    from summed
    inner join shared_errors
        on summed.currency = shared_errors.currency and summed.horizon_days = shared_errors.horizon_days

),

skewed as (

    select
        varied.*,
        case
            when variance > 0 then least(4, greatest(0, third_moment / (variance * sqrt(variance))))
            else 0
        end as skew
    from varied

),

payout_forecast as (

    select
        skewed.currency as currency,
        skewed.horizon_days,
        skewed.open_tickets,
        skewed.expected_approved,
        skewed.payout as expected_payout_amount,
        case
            when account.amount_claims < {{ enough_claims() }} then null
            when skewed.log_nothing >= ln(0.025) then 0
            else greatest(0, skewed.payout + sqrt(skewed.variance) * ({{ skewed_quantile('skew', '-') }}))
        end as expected_payout_amount_lo,
        case
            when account.amount_claims < {{ enough_claims() }} then null
            else greatest(
                skewed.payout, skewed.payout + sqrt(skewed.variance) * ({{ skewed_quantile('skew', '+') }})
            )
        end as expected_payout_amount_hi,
        skewed.payout / nullif(skewed.whole_payout, 0) as share_of_all,
        account.is_followed_enough,
        skewed.open_tickets < {{ few() }} as is_small,
        as_of.as_of
    from skewed
    inner join account on skewed.currency = account.currency
    cross join as_of

)

select * from payout_forecast
