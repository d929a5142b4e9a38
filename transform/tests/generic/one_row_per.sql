{# The key of a table: no two rows share it. Null counts as a value. #}
{% test one_row_per(model, columns) %}

select {{ columns | join(', ') }}, count(*) as rows_found
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1

{% endtest %}
