-- One row per segment and currency: what open tickets are expected to pay yet, with a 95 % range for
-- what comes: chance of each ticket, and what is not known of the chances and of the mean amounts. The
-- range is skewed as such totals are: a few large payouts are possible, less than nothing is not.

with

exposure as (

    select * from {{ ref('fct_open_claim_exposure') }}

),

account as (

    select
        coalesce(
            min(tickets.created_at) <= {{ plus_days('max(as_of.as_of)', '-' ~ var('exposure_follow_up_days')) }},
            false
        ) as is_followed_enough
    from {{ ref('fct_ticket_resolution') }} as tickets
    cross join {{ ref('stg_as_of') }} as as_of

),

-- claims behind the mean amounts of a currency; null where every open ticket's value is known
amounts as (

    select
        valued.currency as currency,
        case when valued.is_estimated = 1 then coalesce(claims.approved, 0) end as amount_claims
    from (
        select currency, max(case when is_value_known then 0 else 1 end) as is_estimated
        from exposure
        group by currency
    ) as valued
    left join (
        select currency, count(*) as approved
        from {{ ref('fct_claim_payouts') }}
        where is_approved
        group by currency
    ) as claims on valued.currency = claims.currency

),

blocks as (

    select
        carrier,
        ticket_type,
        currency,
        estimated_from,
        count(*) as open_tickets,
        {{ sum_in_order('p_approval', 'ticket_id') }} as expected_approved,
        {{ sum_in_order('expected_payout_amount', 'ticket_id') }} as expected_payout,
        {{ sum_in_order('payout_variance', 'ticket_id') }} as payout_variance,
        {{ sum_in_order('payout_third_moment', 'ticket_id') }} as third_moment,
        {{ sum_in_order('case when p_approval < 1 then ln(1 - p_approval) else -745 end', 'ticket_id') }} as log_nothing,
        {{ sum_in_order('sqrt(greatest(0, p_approval_se * p_approval_se - p_carrier_se * p_carrier_se)) * expected_amount_if_approved', 'ticket_id') }} as chance_error,
        {{ sum_in_order('p_carrier_se * expected_amount_if_approved', 'ticket_id') }} as carrier_error,
        {{ sum_in_order('p_approval * expected_amount_if_approved_se', 'ticket_id') }} as amount_error
    from exposure
    group by carrier, ticket_type, currency, estimated_from

),

-- each block in its four segments
segmented as (
    {% for segment_type in ['all', 'carrier', 'ticket_type', 'carrier_and_type'] %}
    select
        '{{ segment_type }}' as segment_type,
        {{ {
            'all': "'all'", 'carrier': 'carrier', 'ticket_type': 'ticket_type',
            'carrier_and_type': "carrier || ' / ' || ticket_type"
        }[segment_type] }} as segment,
        {{ 'carrier' if 'carrier' in segment_type else 'cast(null as text)' }} as segment_carrier,
        {{ 'ticket_type' if 'type' in segment_type else 'cast(null as text)' }} as segment_ticket_type,
        blocks.*
    from blocks
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- tickets judged by the same curve err together
by_curve as (

    select segment_type, segment, currency, estimated_from,
        {{ sum_in_order('chance_error', 'carrier, ticket_type') }} as error
    from segmented
    group by segment_type, segment, currency, estimated_from

),

-- and so do those of a carrier
by_carrier as (

    select segment_type, segment, currency, carrier,
        {{ sum_in_order('carrier_error', 'ticket_type, estimated_from') }} as error
    from segmented
    group by segment_type, segment, currency, carrier

),

curve_errors as (

    select segment_type, segment, currency, {{ sum_in_order('error * error', 'estimated_from') }} as variance
    from by_curve
    group by segment_type, segment, currency

),

carrier_errors as (

    select segment_type, segment, currency, {{ sum_in_order('error * error', 'carrier') }} as variance
    from by_carrier
    group by segment_type, segment, currency

),

-- mean amounts are taken to err all one way, which widens the range a little
summed as (

    select
        segment_type,
        segment,
        max(segment_carrier) as carrier,
        max(segment_ticket_type) as ticket_type,
        currency,
        sum(open_tickets) as open_tickets,
        {{ sum_in_order('expected_approved', 'carrier, ticket_type, estimated_from') }} as expected_approved,
        {{ sum_in_order('expected_payout', 'carrier, ticket_type, estimated_from') }} as expected_payout,
        {{ sum_in_order('payout_variance', 'carrier, ticket_type, estimated_from') }} as payout_variance,
        {{ sum_in_order('third_moment', 'carrier, ticket_type, estimated_from') }} as third_moment,
        {{ sum_in_order('log_nothing', 'carrier, ticket_type, estimated_from') }} as log_nothing,
        {{ sum_in_order('amount_error', 'carrier, ticket_type, estimated_from') }} as amount_error
    from segmented
    group by segment_type, segment, currency

),

varied as (

    select
        {{ columns_of('summed', ['segment_type', 'segment', 'currency']) }},
        summed.payout_variance
        + curve_errors.variance
        + carrier_errors.variance
        + summed.amount_error * summed.amount_error as variance
    from summed
    inner join curve_errors
        on summed.segment_type = curve_errors.segment_type
        and summed.segment = curve_errors.segment
        and summed.currency = curve_errors.currency
    inner join carrier_errors
        on summed.segment_type = carrier_errors.segment_type
        and summed.segment = carrier_errors.segment
        and summed.currency = carrier_errors.currency

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

claim_exposure as (

    select
        skewed.segment_type,
        skewed.segment,
        skewed.carrier,
        skewed.ticket_type,
        skewed.currency as currency,
        cast(skewed.open_tickets as bigint) as open_tickets,
        skewed.expected_approved,
        skewed.expected_payout / nullif(skewed.expected_approved, 0) as mean_amount,
        skewed.expected_payout as expected_payout_amount,
        sqrt(skewed.variance) as expected_payout_amount_se,
        case
            when amounts.amount_claims < {{ enough_claims() }} then null
            when skewed.log_nothing >= ln(0.025) then 0
            else greatest(
                0, skewed.expected_payout + sqrt(skewed.variance) * ({{ skewed_quantile('skew', '-') }})
            )
        end as expected_payout_amount_lo,
        case
            when amounts.amount_claims < {{ enough_claims() }} then null
            else greatest(
                skewed.expected_payout,
                skewed.expected_payout + sqrt(skewed.variance) * ({{ skewed_quantile('skew', '+') }})
            )
        end as expected_payout_amount_hi,
        account.is_followed_enough,
        skewed.open_tickets < {{ few() }} as is_small,
        cast(amounts.amount_claims as bigint) as amount_claims
    from skewed
    inner join amounts on skewed.currency = amounts.currency
    cross join account

)

select * from claim_exposure
