-- One row per month of payout, month in which a change of it became known, later, and currency: what
-- changed in months that were over, and may have been reported.

with

ledger as (

    select * from {{ ref('fct_payout_ledger') }} where known_month > payout_month and not is_opening

),

changes_since as (

    select
        payout_month,
        known_month,
        currency,
        count(*) as entries,
        count(distinct ticket_id) as tickets,
        cast(sum(case when entry_type = 'payout' then amount else 0 end) as numeric(38, 4)) as payout_amount,
        cast(sum(case when entry_type = 'correction' then amount else 0 end) as numeric(38, 4))
            as correction_amount,
        cast(sum(case when entry_type = 'reversal' then amount else 0 end) as numeric(38, 4))
            as reversal_amount,
        cast(sum(amount) as numeric(38, 4)) as change_amount,
        '{{ var("finance_timezone") }}' as time_zone
    from ledger
    group by payout_month, known_month, currency

)

select * from changes_since
