{# dbt-duckdb's own way, for a project in a folder of any name: it leaves quotes as they are, and DuckDB
   takes some characters for a pattern. #}
{% macro duckdb__load_csv_rows(model, agate_table) %}
{% set path = adapter.get_seed_file_path(model) | replace("'", "''")
    | replace("[", "[[]") | replace("*", "[*]") | replace("?", "[?]") %}
{% set sql %}copy {{ this.render() }} from '{{ path }}' (format csv, header true, delimiter ','){% endset %}
{% do adapter.add_query(sql, abridge_sql_log=True) %}
{{ return(sql) }}
{% endmacro %}

{# dbt-clickhouse's own way makes columns that take no null: what is left empty would be an empty text. #}
{% macro clickhouse__create_csv_table(model, agate_table) %}
{% set types = model.config.column_types %}
{% set sql %}
    create table {{ this.render() }} (
        {% for name in agate_table.column_names %}
        {{ name }} {{ clickhouse_type(types[name], true) }}{{ ',' if not loop.last }}
        {% endfor %}
    )
    engine = MergeTree order by tuple()
{% endset %}
{% call statement('_') %}{{ sql }}{% endcall %}
{{ return(sql) }}
{% endmacro %}
