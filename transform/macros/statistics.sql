{# Formulas that more than one mart uses. Each is compared with statsmodels by tests/transform. #}

{# The 97.5 % point of the normal distribution. #}
{% macro z95() %}1.959963984540054{% endmacro %}

{# A bound of Wilson's interval of a rate; null without trials. Rounding would put the bounds of 0 of n
   and n of n a little below 0 and above 1. #}
{% macro wilson(successes, trials, sign) -%}
case
    when {{ trials }} > 0
        then {{ 'greatest(0' if sign == '-' else 'least(1' }}, (
            cast({{ successes }} as double precision) + {{ z95() }} * {{ z95() }} / 2
            {{ sign }} {{ z95() }} * sqrt(
                cast({{ successes }} as double precision) * ({{ trials }} - {{ successes }})
                / {{ trials }} + {{ z95() }} * {{ z95() }} / 4
            )
        ) / ({{ trials }} + {{ z95() }} * {{ z95() }}))
end
{%- endmacro %}

{# A quotient as double precision, null when the divisor is 0. #}
{% macro ratio(dividend, divisor) -%}
cast({{ dividend }} as double precision) / nullif({{ divisor }}, 0)
{%- endmacro %}

{# The log-log bound of a survival probability, null at 0 where the variance is unknown. #}
{% macro log_log_bound(log_survival, greenwood, sign) -%}
case
    when {{ log_survival }} = 0 then 1
    else exp(-exp(ln(-{{ log_survival }}) {{ sign }} {{ z95() }} * sqrt({{ greenwood }}) / -{{ log_survival }}))
end
{%- endmacro %}

{# Probabilities equal up to rounding count as equal when a quantile is read off a curve. #}
{% macro tolerance() %}1e-9{% endmacro %}

{# Whether a segment was followed for so many days, or resolved to its last ticket before. #}
{% macro is_observed(days) -%}
counts.observed_hours >= {{ days * 24 }} or counts.last_survival = 0
{%- endmacro %}
