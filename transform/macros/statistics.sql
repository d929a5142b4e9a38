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

{# The variance of a share with two successes and two failures more: none of n is no certainty. #}
{% macro plus_four_variance(share, trials) -%}
(({{ share }}) * {{ trials }} + 2) * ((1 - ({{ share }})) * {{ trials }} + 2)
/ power(cast({{ trials }} + 4 as double precision), 3)
{%- endmacro %}

{# How many standard deviations a quantile of a skewed total lies from its mean: Pearson's type III by
   Wilson and Hilferty. For totals of a few claims and of hundreds it covers 95 to 97 of 100. #}
{% macro skewed_quantile(skew, sign) -%}
case
    when {{ skew }} < 1e-6 then {{ sign }}{{ z95() }}
    else 2 / {{ skew }} * (
        power(greatest(0, 1 {{ sign }} {{ skew }} * {{ z95() }} / 6 - {{ skew }} * {{ skew }} / 36), 3) - 1
    )
end
{%- endmacro %}

{# Below so many a figure is flagged, drawn pale and never ranked. #}
{% macro few() %}30{% endmacro %}

{# A curve is told up to the age at which so many are still at risk. #}
{% macro enough_at_risk() %}10{% endmacro %}

{# A range of money that comes is told where so many approved claims tell the amounts. #}
{% macro enough_claims() %}10{% endmacro %}

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

{# The variance of an incidence (Aalen-Johansen) from the running sums that int_incidence tells. #}
{% macro incidence_variance(incidence) -%}
greatest(
    0,
    {{ incidence }} * {{ incidence }} * sum_g - 2 * {{ incidence }} * sum_fg + sum_ffg
    + sum_d - 2 * {{ incidence }} * sum_e + 2 * sum_fe
)
{%- endmacro %}

{# The log-log bound of an incidence; null at 1, where the variance is unknown. #}
{% macro incidence_bound(incidence, variance, sign) -%}
case
    when {{ incidence }} = 0 then 0
    when {{ incidence }} < 1
        then power(
            {{ incidence }},
            exp({{ '' if sign == '-' else '-' }}{{ z95() }} * sqrt({{ variance }}) / ({{ incidence }} * -ln({{ incidence }})))
        )
end
{%- endmacro %}

{# A variance by the square of its mean, from the mean of the squares; null where the mean is 0. #}
{% macro relative_variance(mean_square, mean) -%}
greatest(0, {{ mean_square }} - {{ mean }} * {{ mean }}) / nullif({{ mean }} * {{ mean }}, 0)
{%- endmacro %}

{# Probabilities equal up to rounding count as equal when a quantile is read off a curve. #}
{% macro tolerance() %}1e-9{% endmacro %}

{# Whether a segment was followed to that age: thirty of its tickets could be, and its curve goes so far. #}
{% macro is_observed(days) -%}
followed.days >= {{ days }} and (counts.observed_hours >= {{ days * 24 }} or counts.last_survival = 0)
{%- endmacro %}
