-- One row per day from the first ticket, or ten years back, to the as-of day, in the business time zone.
-- Business columns are null as long as seeds/business_hours.csv is empty.

with

tickets as (

    select min(created_at) as first_created_at from {{ ref('stg_tickets') }}

),

as_of as (

    select as_of from {{ ref('stg_as_of') }}

),

business_hours as (

    select * from {{ ref('business_hours') }}

),

holidays as (

    select distinct holiday from {{ ref('holidays') }}

),

has_hours as (

    select count(*) > 0 as has_hours from business_hours

),

-- a day more on both sides: the time zone of the hours may be a day ahead, or behind
bounds as (

    select
        first_day,
        {{ day_number('last_day') }} - {{ day_number('first_day') }} as days
    from (
        select
            {{ as_day(plus_days(greatest_known('tickets.first_created_at', plus_days('as_of.as_of', -3652)), -1)) }}
                as first_day,
            {{ as_day(plus_days('as_of.as_of', 1)) }} as last_day
        from tickets
        cross join as_of
    ) as placed

),

days as (

    select {{ as_day(plus_days('bounds.first_day', series_number())) }} as date_day
    from bounds
    {{ cross_join_numbers('bounds.days') }}
    where bounds.days is not null

),

opening as (

    select
        days.date_day,
        {{ iso_weekday('days.date_day') }} as iso_weekday,
        holidays.holiday is not null as is_holiday,
        case when has_hours.has_hours then business_hours.opens is not null and holidays.holiday is null end
            as is_business_day,
        case
            when holidays.holiday is null and business_hours.opens is not null
                then {{ local_to_utc('days.date_day', 'business_hours.opens') }}
        end as opens_at,
        case
            when holidays.holiday is null and business_hours.closes is not null
                then {{ local_to_utc('days.date_day', 'business_hours.closes') }}
        end as closes_at
    from days
    cross join has_hours
    left join holidays on days.date_day = holidays.holiday
    left join business_hours
        on {{ iso_weekday('days.date_day') }} = business_hours.weekday

),

measured as (

    select
        opening.*,
        case
            when opening.is_business_day
                then {{ seconds_between('opening.opens_at', 'opening.closes_at') }}
            when not opening.is_business_day then 0
        end as business_seconds
    from opening

),

calendar as (

    select
        date_day,
        iso_weekday,
        {{ month_of_day('date_day') }} as month_start,
        is_business_day,
        is_holiday,
        opens_at,
        closes_at,
        {{ minutes('business_seconds') }} as business_minutes,
        cast(
            sum(business_seconds) over (order by date_day rows unbounded preceding)
            - business_seconds as bigint
        ) as business_seconds_before
    from measured

)

select * from calendar
