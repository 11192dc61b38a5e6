CREATE TABLE `access_tokens` (
	`token_id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`role` text NOT NULL,
	`hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`user_id` text NOT NULL,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `access_tokens_hash_unique` ON `access_tokens` (`hash`);--> statement-breakpoint
CREATE TABLE `prediction_feedback` (
	`request_id` text NOT NULL,
	`row` integer NOT NULL,
	`name` text NOT NULL,
	`version` integer NOT NULL,
	`label` text NOT NULL,
	`truth` text NOT NULL,
	`at` integer NOT NULL,
	`user_id` text NOT NULL,
	PRIMARY KEY(`request_id`, `row`)
);
--> statement-breakpoint
CREATE INDEX `prediction_feedback_by_model` ON `prediction_feedback` (`name`,`version`);--> statement-breakpoint
CREATE TABLE `prediction_samples` (
	`request_id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`version` integer NOT NULL,
	`at` integer NOT NULL,
	`duration_ms` real NOT NULL,
	`request` text NOT NULL,
	`answers` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `prediction_samples_by_model` ON `prediction_samples` (`name`,`at`);--> statement-breakpoint
CREATE TABLE `traffic_splits` (
	`name` text NOT NULL,
	`version` integer NOT NULL,
	`weight` real NOT NULL,
	`at` integer NOT NULL,
	`user_id` text NOT NULL,
	`why` text NOT NULL,
	PRIMARY KEY(`name`, `version`),
	FOREIGN KEY (`name`,`version`) REFERENCES `model_versions`(`name`,`version`) ON UPDATE cascade ON DELETE cascade
);
