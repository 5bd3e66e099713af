SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolconnlimit,
	rolvaliduntil, CASE WHEN oid <> 10 THEN rolpassword END, shobj_description(oid, 'pg_authid')
	FROM pg_authid WHERE rolname !~ '^pg_' ORDER BY 1;
SELECT roleid::regrole::text, member::regrole::text, admin_option FROM pg_auth_members WHERE NOT member::regrole::text ~ '^pg_' ORDER BY 1, 2;
SELECT setrole::regrole::text, setconfig FROM pg_db_role_setting LEFT JOIN pg_database d ON d.oid = setdatabase
	WHERE setdatabase = 0 OR datname = current_database() ORDER BY 1, 2;
SELECT datdba::regrole, datconnlimit, datistemplate, encoding, datcollate, datctype, shobj_description(oid, 'pg_database')
	FROM pg_database WHERE datname = current_database();
WITH acls (what, owner, acl) AS (
	SELECT 'database', datdba, datacl FROM pg_database WHERE datname = current_database()
	UNION ALL SELECT nspname, nspowner, nspacl FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$'
	UNION ALL SELECT relname, relowner, relacl FROM pg_class WHERE relnamespace = '"Shop"'::regnamespace
	UNION ALL SELECT relname || '.' || attname, relowner, attacl FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
		WHERE relnamespace = '"Shop"'::regnamespace
	UNION ALL SELECT proname, proowner, proacl FROM pg_proc WHERE proname IN ('who', 'refuse')
	UNION ALL SELECT 'large object', lomowner, lomacl FROM pg_largeobject_metadata
	UNION ALL SELECT 'default of ' || defaclobjtype::text, defaclrole, defaclacl FROM pg_default_acl
	UNION ALL SELECT parname, 10, paracl FROM pg_parameter_acl)
SELECT what, owner::regrole::text, CASE WHEN grantee <> owner THEN grantee::regrole::text END AS grantee,
	CASE WHEN grantee <> owner THEN grantor::regrole END AS by, CASE WHEN grantee <> owner THEN privilege_type END AS right, is_grantable
	FROM acls LEFT JOIN LATERAL aclexplode(acl) ON true GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6;
SELECT schemaname, tablename, policyname, permissive, roles, cmd, qual, with_check FROM pg_policies ORDER BY 3;
SELECT evtname, evtowner::regrole FROM pg_event_trigger;
SELECT subname, subowner::regrole FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database());
SELECT umoptions FROM pg_user_mapping;
