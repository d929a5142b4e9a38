-- One row: from which age on a ticket counts in a rate of decisions, and so created until when.
-- Approvals take longer than refusals: a rate over young tickets would be too low.

with

incidence as (

    select * from {{ ref('int_incidence') }}
    where segment_type = 'all' and outcome_group in ('claim_approved', 'claim_declined')

),

as_of as (

    select as_of from {{ ref('stg_as_of') }}

),

decided as (

    select hours, sum(incidence) as incidence
    from incidence
    group by hours

),

final as (

    select max(incidence) as incidence from decided

),

ripe as (

    select min(decided.hours) as hours
    from decided
    cross join final
    where decided.incidence >= 0.9 * final.incidence - {{ tolerance() }}

),

ages as (

    select
        {% if var('maturity_days') is not none -%}
        cast({{ var('maturity_days') }} as integer) as maturity_days
        {%- else -%}
        cast(ceil(ripe.hours / 24.0) as integer) as maturity_days
        {%- endif %}
    from ripe

),

maturity as (

    select
        ages.maturity_days,
        {{ plus_days('as_of.as_of', '-ages.maturity_days') }} as created_until
    from ages
    cross join as_of

)

select * from maturity
