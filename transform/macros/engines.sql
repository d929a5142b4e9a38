{# What the engines do not share, each once. The default is what DuckDB and PostgreSQL both run; a variant
   stands where an engine lacks it or means something else by it. Whoever adds an engine to the variable
   known_engines has run every model on it. #}

{# Stops a build on an engine that nobody ran these models on: an empty mart looks like a quiet month. #}
{% macro refuse_unknown_engine() -%}
{% if execute and target.type not in var('known_engines') -%}
{{ exceptions.raise_compiler_error(
    "The marts are known to be right on " ~ var('known_engines') | join(', ') ~ ", not on " ~ target.type
    ~ ". Whoever has compared them there adds it to the variable known_engines."
) }}
{%- endif %}
{%- endmacro %}

{# The least of those that are known. Elsewhere a null among them makes the whole null. #}
{% macro least_known() %}{{ return(adapter.dispatch('extreme_known')('least', varargs)) }}{% endmacro %}

{# The greatest of those that are known. #}
{% macro greatest_known() %}{{ return(adapter.dispatch('extreme_known')('greatest', varargs)) }}{% endmacro %}

{% macro default__extreme_known(which, values) %}{{ return(which ~ '(' ~ values | join(', ') ~ ')') }}{% endmacro %}

{% macro snowflake__extreme_known(which, values) -%}
{{ return(which ~ '_ignore_nulls(' ~ values | join(', ') ~ ')') }}
{%- endmacro %}

{% macro bigquery__extreme_known(which, values) -%}
{% set known = namespace(sql=values[0]) %}
{% for value in values[1:] -%}
{% set known.sql = which ~ '(coalesce(' ~ known.sql ~ ', ' ~ value ~ '), coalesce(' ~ value ~ ', ' ~ known.sql ~ '))' %}
{%- endfor %}
{{ return(known.sql) }}
{%- endmacro %}

{# A sum of floats to the last bit the same in every build, where the engine can promise it. #}
{% macro sum_in_order(value, order) %}{{ return(adapter.dispatch('sum_in_order')(value, order)) }}{% endmacro %}

{% macro default__sum_in_order(value, order) %}{{ return('sum(' ~ value ~ ' order by ' ~ order ~ ')') }}{% endmacro %}

{% macro clickhouse__sum_in_order(value, order) %}{{ return('sum(' ~ value ~ ')') }}{% endmacro %}

{% macro snowflake__sum_in_order(value, order) %}{{ return('sum(' ~ value ~ ')') }}{% endmacro %}

{% macro bigquery__sum_in_order(value, order) %}{{ return('sum(' ~ value ~ ')') }}{% endmacro %}

{# Computed once for all that read it, where the engine can be told so. #}
{% macro materialized() %}{{ return(adapter.dispatch('materialized')()) }}{% endmacro %}

{% macro default__materialized() %}{{ return('materialized') }}{% endmacro %}

{% macro clickhouse__materialized() %}{{ return('') }}{% endmacro %}

{% macro snowflake__materialized() %}{{ return('') }}{% endmacro %}

{% macro bigquery__materialized() %}{{ return('') }}{% endmacro %}

{# The exact percentile of an aggregate, between two values where it falls between them; nulls are left out. #}
{% macro percentile(value, share) %}{{ return(adapter.dispatch('percentile')(value, share)) }}{% endmacro %}

{% macro default__percentile(value, share) -%}
{{ return('percentile_cont(' ~ share ~ ') within group (order by ' ~ value ~ ')') }}
{%- endmacro %}

{% macro clickhouse__percentile(value, share) -%}
{{ return('quantileExactInclusive(' ~ share ~ ')(' ~ value ~ ')') }}
{%- endmacro %}

{% macro bigquery__percentile(value, share) -%}
{% set sorted = 'array_agg(' ~ value ~ ' ignore nulls order by ' ~ value ~ ')' %}
{% set place = '(count(' ~ value ~ ') - 1) * ' ~ share %}
{% set below = sorted ~ '[safe_offset(cast(floor(' ~ place ~ ') as int64))]' %}
{% set above = sorted ~ '[safe_offset(cast(ceil(' ~ place ~ ') as int64))]' %}
{{ return('(' ~ below ~ ' + (' ~ above ~ ' - ' ~ below ~ ') * (' ~ place ~ ' - floor(' ~ place ~ ')))') }}
{%- endmacro %}

{# Joins each row with the whole numbers from 0 to `last`; series_number() is the number. #}
{% macro cross_join_numbers(last) %}{{ return(adapter.dispatch('cross_join_numbers')(last)) }}{% endmacro %}

{% macro default__cross_join_numbers(last) -%}
{{ return('cross join lateral generate_series(0, cast(' ~ last ~ ' as integer)) as series (number)') }}
{%- endmacro %}

{% macro clickhouse__cross_join_numbers(last) -%}
{{ return('array join range(0, greatest(0, assumeNotNull(' ~ last ~ ') + 1)) as number') }}
{%- endmacro %}

{% macro snowflake__cross_join_numbers(last) -%}
{{ return('inner join lateral flatten(input => array_generate_range(0, ' ~ last ~ ' + 1)) as series') }}
{%- endmacro %}

{% macro bigquery__cross_join_numbers(last) -%}
{{ return('cross join unnest(generate_array(0, ' ~ last ~ ')) as number') }}
{%- endmacro %}

{% macro series_number() %}{{ return(adapter.dispatch('series_number')()) }}{% endmacro %}

{% macro default__series_number() %}{{ return('series.number') }}{% endmacro %}

{% macro clickhouse__series_number() %}{{ return('number') }}{% endmacro %}

{% macro snowflake__series_number() %}{{ return('cast(series.value as integer)') }}{% endmacro %}

{% macro bigquery__series_number() %}{{ return('number') }}{% endmacro %}

{# A moment, or a day, so many days later: a day stays a day. `days` is a number or a column. #}
{% macro plus_days(moment, days) %}{{ return(adapter.dispatch('plus_days')(moment, days)) }}{% endmacro %}

{% macro default__plus_days(moment, days) -%}
{{ return('(' ~ moment ~ ' + (' ~ days ~ ") * interval '1 day')") }}
{%- endmacro %}

{% macro clickhouse__plus_days(moment, days) %}{{ return('addDays(' ~ moment ~ ', ' ~ days ~ ')') }}{% endmacro %}

{% macro snowflake__plus_days(moment, days) -%}
{{ return('dateadd(day, ' ~ days ~ ', ' ~ moment ~ ')') }}
{%- endmacro %}

{% macro bigquery__plus_days(moment, days) -%}
{{ return('(' ~ moment ~ ' + make_interval(day => cast(' ~ days ~ ' as int64)))') }}
{%- endmacro %}

{# A day so many months later. #}
{% macro plus_months(day, months) %}{{ return(adapter.dispatch('plus_months')(day, months)) }}{% endmacro %}

{% macro default__plus_months(day, months) -%}
{{ return('cast(' ~ day ~ ' + (' ~ months ~ ") * interval '1 month' as date)") }}
{%- endmacro %}

{% macro clickhouse__plus_months(day, months) %}{{ return('addMonths(' ~ day ~ ', ' ~ months ~ ')') }}{% endmacro %}

{% macro snowflake__plus_months(day, months) -%}
{{ return('cast(dateadd(month, ' ~ months ~ ', ' ~ day ~ ') as date)') }}
{%- endmacro %}

{% macro bigquery__plus_months(day, months) -%}
{{ return('date_add(' ~ day ~ ', interval cast(' ~ months ~ ' as int64) month)') }}
{%- endmacro %}

{# Whole seconds since 1970: differences of these add up exactly. #}
{% macro epoch(moment) %}{{ return(adapter.dispatch('epoch')(moment)) }}{% endmacro %}

{% macro default__epoch(moment) -%}
{{ return('cast(floor(extract(epoch from ' ~ moment ~ ')) as bigint)') }}
{%- endmacro %}

{% macro clickhouse__epoch(moment) -%}
{{ return('toInt64(floor(toUnixTimestamp64Micro(toDateTime64(' ~ moment ~ ", 6, 'UTC')) / 1000000))") }}
{%- endmacro %}

{% macro snowflake__epoch(moment) -%}
{{ return('floor(date_part(epoch_microsecond, ' ~ moment ~ ') / 1000000)::bigint') }}
{%- endmacro %}

{% macro bigquery__epoch(moment) -%}
{{ return('cast(floor(unix_micros(timestamp(' ~ moment ~ ')) / 1000000) as int64)') }}
{%- endmacro %}

{# Days since 1970 of a day. #}
{% macro day_number(day) %}{{ return(adapter.dispatch('day_number')(day)) }}{% endmacro %}

{% macro default__day_number(day) -%}
{{ return('cast(floor(extract(epoch from cast(' ~ day ~ ' as timestamp)) / 86400) as bigint)') }}
{%- endmacro %}

{% macro clickhouse__day_number(day) %}{{ return('toInt64(toDate32(' ~ day ~ '))') }}{% endmacro %}

{% macro snowflake__day_number(day) %}{{ return("datediff(day, '1970-01-01'::date, " ~ day ~ ')') }}{% endmacro %}

{% macro bigquery__day_number(day) %}{{ return('unix_date(' ~ day ~ ')') }}{% endmacro %}

{# A time of day on a day, as a moment without a zone. #}
{% macro at_time(day, time_of_day) %}{{ return(adapter.dispatch('at_time')(day, time_of_day)) }}{% endmacro %}

{% macro default__at_time(day, time_of_day) -%}
{{ return('(' ~ day ~ ' + cast(' ~ time_of_day ~ ' as time))') }}
{%- endmacro %}

{% macro clickhouse__at_time(day, time_of_day) -%}
{{ return("parseDateTime64BestEffort(concat(toString(" ~ day ~ "), ' ', toString(" ~ time_of_day ~ ")), 6, 'UTC')") }}
{%- endmacro %}

{% macro snowflake__at_time(day, time_of_day) -%}
{{ return('timestamp_ntz_from_parts(' ~ day ~ ', cast(' ~ time_of_day ~ ' as time))') }}
{%- endmacro %}

{% macro bigquery__at_time(day, time_of_day) -%}
{{ return('datetime(' ~ day ~ ', cast(' ~ time_of_day ~ ' as time))') }}
{%- endmacro %}

{# 1 on a Monday, 7 on a Sunday. #}
{% macro iso_weekday(day) %}{{ return(adapter.dispatch('iso_weekday')(day)) }}{% endmacro %}

{% macro default__iso_weekday(day) %}{{ return('cast(extract(isodow from ' ~ day ~ ') as integer)') }}{% endmacro %}

{% macro clickhouse__iso_weekday(day) %}{{ return('toDayOfWeek(' ~ day ~ ')') }}{% endmacro %}

{% macro snowflake__iso_weekday(day) %}{{ return('dayofweekiso(' ~ day ~ ')') }}{% endmacro %}

{% macro bigquery__iso_weekday(day) -%}
{{ return('(mod(extract(dayofweek from ' ~ day ~ ') + 5, 7) + 1)') }}
{%- endmacro %}

{# A moment of a time zone as a moment of another, both without a zone. #}
{% macro to_zone(moment, zone, since) %}{{ return(adapter.dispatch('to_zone')(moment, zone, since)) }}{% endmacro %}

{% macro default__to_zone(moment, zone, since) -%}
{{ return('((' ~ moment ~ " at time zone '" ~ since ~ "') at time zone '" ~ zone ~ "')") }}
{%- endmacro %}

{% macro clickhouse__to_zone(moment, zone, since) -%}
{% set instant = moment if since == 'UTC' else "toDateTime64(toString(" ~ moment ~ "), 6, '" ~ since ~ "')" %}
{% set there = "toTimeZone(" ~ instant ~ ", '" ~ zone ~ "')" %}
{{ return(there if zone == 'UTC' else "toDateTime64(toString(" ~ there ~ "), 6, 'UTC')") }}
{%- endmacro %}

{% macro snowflake__to_zone(moment, zone, since) -%}
{{ return("convert_timezone('" ~ since ~ "', '" ~ zone ~ "', " ~ moment ~ ')') }}
{%- endmacro %}

{% macro bigquery__to_zone(moment, zone, since) -%}
{{ return('datetime(timestamp(' ~ moment ~ ", '" ~ since ~ "'), '" ~ zone ~ "')") }}
{%- endmacro %}

{# A raw moment, which has a zone, as UTC moment without one. #}
{% macro utc(moment) %}{{ return(adapter.dispatch('utc')(moment)) }}{% endmacro %}

{% macro default__utc(moment) %}{{ return('(' ~ moment ~ " at time zone 'UTC')") }}{% endmacro %}

{% macro clickhouse__utc(moment) %}{{ return("toTimeZone(" ~ moment ~ ", 'UTC')") }}{% endmacro %}

{% macro snowflake__utc(moment) -%}
{{ return("cast(convert_timezone('UTC', " ~ moment ~ ') as timestamp_ntz)') }}
{%- endmacro %}

{% macro bigquery__utc(moment) %}{{ return("datetime(" ~ moment ~ ", 'UTC')") }}{% endmacro %}

{# A moment that is not known. #}
{% macro no_moment() %}{{ return(adapter.dispatch('no_moment')()) }}{% endmacro %}

{% macro default__no_moment() %}{{ return('cast(null as timestamp)') }}{% endmacro %}

{% macro clickhouse__no_moment() %}{{ return("cast(null as Nullable(DateTime64(6, 'UTC')))") }}{% endmacro %}

{# A UTC moment that is written, such as 2026-10-01 18:30:00. #}
{% macro moment_of(text) %}{{ return(adapter.dispatch('moment_of')(text)) }}{% endmacro %}

{% macro default__moment_of(text) %}{{ return("cast('" ~ text ~ "' as timestamp)") }}{% endmacro %}

{% macro clickhouse__moment_of(text) %}{{ return("toDateTime64('" ~ text ~ "', 6, 'UTC')") }}{% endmacro %}

{# All columns of one of several tables that are joined; ClickHouse calls those that another one has too,
   `shared`, by both names unless it is told otherwise. #}
{% macro columns_of(table, shared) %}{{ return(adapter.dispatch('columns_of')(table, shared)) }}{% endmacro %}

{% macro default__columns_of(table, shared) %}{{ return(table ~ '.*') }}{% endmacro %}

{% macro clickhouse__columns_of(table, shared) -%}
{% set named = namespace(sql=table ~ '.* except (' ~ shared | join(', ') ~ ')') %}
{% for column in shared %}{% set named.sql = named.sql ~ ', ' ~ table ~ '.' ~ column ~ ' as ' ~ column %}{% endfor %}
{{ return(named.sql) }}
{%- endmacro %}

{# What the row before has, in a window; null before the first, where ClickHouse has zeros and empty texts. #}
{% macro value_before(value) %}{{ return(adapter.dispatch('neighbour')('lag', value)) }}{% endmacro %}

{# What the row after has; null after the last. #}
{% macro value_after(value) %}{{ return(adapter.dispatch('neighbour')('lead', value)) }}{% endmacro %}

{% macro default__neighbour(which, value) %}{{ return(which ~ '(' ~ value ~ ')') }}{% endmacro %}

{% macro clickhouse__neighbour(which, value) %}{{ return(which ~ '(toNullable(' ~ value ~ '))') }}{% endmacro %}

{# The day of a moment; a day stays what it is. #}
{% macro as_day(moment) %}{{ return(adapter.dispatch('as_day')(moment)) }}{% endmacro %}

{% macro default__as_day(moment) %}{{ return('cast(' ~ moment ~ ' as date)') }}{% endmacro %}

{% macro clickhouse__as_day(moment) %}{{ return('toDate32(' ~ moment ~ ')') }}{% endmacro %}

{# The moment at which a day begins. #}
{% macro midnight(day) %}{{ return(adapter.dispatch('midnight')(day)) }}{% endmacro %}

{% macro default__midnight(day) %}{{ return('cast(' ~ day ~ ' as timestamp)') }}{% endmacro %}

{% macro clickhouse__midnight(day) %}{{ return('toDateTime64(' ~ day ~ ", 6, 'UTC')") }}{% endmacro %}

{% macro bigquery__midnight(day) %}{{ return('datetime(' ~ day ~ ')') }}{% endmacro %}

{# The first moment that is later. #}
{% macro just_after(moment) %}{{ return(adapter.dispatch('just_after')(moment)) }}{% endmacro %}

{% macro default__just_after(moment) %}{{ return('(' ~ moment ~ " + interval '1 microsecond')") }}{% endmacro %}

{% macro clickhouse__just_after(moment) %}{{ return('addMicroseconds(' ~ moment ~ ', 1)') }}{% endmacro %}

{% macro snowflake__just_after(moment) %}{{ return('dateadd(microsecond, 1, ' ~ moment ~ ')') }}{% endmacro %}

{% macro bigquery__just_after(moment) %}{{ return('datetime_add(' ~ moment ~ ', interval 1 microsecond)') }}{% endmacro %}

{# A moment as far behind `start` as `moment` is behind `since`. #}
{% macro as_far_behind(start, moment, since) %}{{ return(adapter.dispatch('as_far_behind')(start, moment, since)) }}{% endmacro %}

{% macro default__as_far_behind(start, moment, since) -%}
{{ return('(' ~ start ~ ' + (' ~ moment ~ ' - ' ~ since ~ '))') }}
{%- endmacro %}

{% macro clickhouse__as_far_behind(start, moment, since) -%}
{{ return('addMicroseconds(' ~ start ~ ", dateDiff('microsecond', " ~ since ~ ', ' ~ moment ~ '))') }}
{%- endmacro %}

{% macro snowflake__as_far_behind(start, moment, since) -%}
{{ return('timestampadd(microsecond, timestampdiff(microsecond, ' ~ since ~ ', ' ~ moment ~ '), ' ~ start ~ ')') }}
{%- endmacro %}

{% macro bigquery__as_far_behind(start, moment, since) -%}
{{ return('datetime_add(' ~ start ~ ', interval datetime_diff(' ~ moment ~ ', ' ~ since ~ ', microsecond) microsecond)') }}
{%- endmacro %}
