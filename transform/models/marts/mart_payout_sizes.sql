-- One row per payout: its place among the payouts in its currency, and how unusual it is for its
-- ticket type. robust_z: distance of the amount's logarithm from the median of its type and currency,
-- in spreads (1.4826 times the median distance); null where fewer than 10 payouts or no spread tell.

with

payouts as (

    select
        *,
        ln(cast(amount as double precision)) as log_amount
    from {{ ref('fct_claim_payouts') }}
    where amount_status = 'paid' and amount > 0

),

centres as (

    select
        ticket_type,
        currency,
        count(*) as payouts,
        {{ percentile('log_amount', 0.5) }} as log_median
    from payouts
    group by ticket_type, currency

),

distances as (

    select
        payouts.*,
        centres.payouts as type_payouts,
        payouts.log_amount - centres.log_median as distance
    from payouts
    inner join centres
        on payouts.ticket_type = centres.ticket_type and payouts.currency = centres.currency

),

spreads as (

    select
        ticket_type,
        currency,
        1.4826 * {{ percentile('abs(distance)', 0.5) }} as spread
    from distances
    group by ticket_type, currency

),

payout_sizes as (

    select
        distances.ticket_id,
        distances.order_number,
        distances.parcel_id,
        distances.brand_id,
        distances.carrier,
        distances.ticket_type,
        distances.created_at,
        distances.solved_at,
        distances.currency,
        distances.amount,
        rank() over (partition by distances.currency order by distances.amount desc) as rank_in_currency,
        rank() over (
            partition by distances.currency, distances.ticket_type order by distances.amount desc
        ) as rank_in_type,
        case
            when distances.type_payouts >= 10 and spreads.spread > {{ tolerance() }}
                then distances.distance / spreads.spread
        end as robust_z
    from distances
    inner join spreads
        on distances.ticket_type = spreads.ticket_type and distances.currency = spreads.currency

)

select * from payout_sizes
